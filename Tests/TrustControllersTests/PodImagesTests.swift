import KubernetesAPI
import OCIModel
import Testing
import TrustControllers
import TrustResources

@Suite struct PodImagesTests {
    private func digest(_ number: UInt8) -> Digest { Digest.of([number]) }

    private func pod(phase: String? = "Running") -> Pod {
        func status(_ name: String, _ number: UInt8) -> Pod.ContainerStatus {
            Pod.ContainerStatus(
                name: name,
                image: "ignored",
                imageID: "registry.example.com/\(name)@\(digest(number))"
            )
        }
        return Pod(
            metadata: ObjectMeta(name: "web-0", namespace: "shop", labels: ["app": "web"]),
            spec: Pod.Specification(
                containers: [Pod.Container(name: "web", image: "registry.example.com/web:v1")],
                initContainers: [Pod.Container(name: "sidecar", image: "registry.example.com/sidecar:v2")],
                ephemeralContainers: [Pod.Container(name: "debug", image: "registry.example.com/debug:v3")]
            ),
            status: Pod.PodStatus(
                phase: phase,
                containerStatuses: [status("web", 1)],
                initContainerStatuses: [status("sidecar", 2)],
                ephemeralContainerStatuses: [status("debug", 3)]
            )
        )
    }

    @Test("every container counts: regular, init, sidecar and ephemeral")
    func containers() {
        let names = PodImages(pod()).images.map(\.verification)
        #expect(names == [1, 2, 3].map { ImageVerification.name(for: digest($0)) })
        #expect(
            PodImages(pod()).verifications(in: "shop")
                == Set([1, 2, 3].map { ObjectKey(namespace: "shop", name: ImageVerification.name(for: digest($0))) })
        )
    }

    @Test("a pod that has ended runs nothing", arguments: ["Succeeded", "Failed"])
    func ended(_ phase: String) { #expect(PodImages(pod(phase: phase)).images.isEmpty) }

    @Test("a pod without a status, or whose images are not pulled yet, runs nothing so far")
    func pending() {
        #expect(PodImages(Pod(metadata: ObjectMeta(name: "a"))).images.isEmpty)
        var pod = pod(phase: "Pending")
        pod.status?.containerStatuses = [Pod.ContainerStatus(name: "web", image: "x", imageID: "")]
        pod.status?.initContainerStatuses = nil
        pod.status?.ephemeralContainerStatuses = nil
        #expect(PodImages(pod).images.isEmpty)
    }

    @Test("containers that run the same image count once, and one digest under two names has one verification")
    func shared() {
        var pod = pod()
        let id = "registry.example.com/web@\(digest(1))"
        pod.spec?.containers = [
            Pod.Container(name: "a", image: "registry.example.com/web:v1"),
            Pod.Container(name: "b", image: "registry.example.com/web:v1"),
            Pod.Container(name: "c", image: "mirror.example.com/web:v1"),
        ]
        pod.status?.containerStatuses = ["a", "b", "c"].map { Pod.ContainerStatus(name: $0, image: nil, imageID: id) }
        pod.status?.initContainerStatuses = nil
        pod.status?.ephemeralContainerStatuses = nil
        let images = PodImages(pod)
        #expect(images.images.map(\.containers) == [["a", "b"], ["c"]])
        #expect(images.verifications(in: "shop").count == 1)
    }
}

import FoundationEssentials
import JSONModel
import KubernetesAPI
import KubernetesClient
import KubernetesRuntime
import OCIModel
import Synchronization
import Testing

@testable import TrustControllers

@Suite("Pods as they are read")
struct PodProjectionTests {
    private let reader = ObjectReader(Pod.resource, PodProjection())

    private func read(_ text: String) throws -> PodImages {
        try JSONReader.read(Array(text.utf8)) { try reader.object(&$0).value }
    }

    /// A pod with much that nobody needs, as the API server sends it.
    private func pod(_ number: Int, phase: String = "Running", statuses: String? = nil) -> String {
        let digest = Digest.of([UInt8(number % 7)])
        let id = "registry.example.com/shop/web@\(digest)"
        let reported =
            statuses ?? """
                [{"containerID":"containerd://1","image":"ignored","imageID":"\(id)","name":"web","ready":true,\
                "state":{"running":{"startedAt":"2026-11-21T10:00:00Z"}}},{"name":"log","image":"docker.io/library/log:2",\
                "imageID":""}]
                """
        return """
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-\(number)","generateName":"web-","namespace":"shop",\
            "uid":"0b5e-\(number)","resourceVersion":"\(100 + number)","labels":{"app":"web","pod-template-hash":"5d4f"},\
            "managedFields":[{"manager":"kubelet","fieldsV1":{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}}],\
            "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"1"}]},"spec":{"containers":[{"name":"web",\
            "image":"registry.example.com/shop/web:v1","env":[{"name":"image","value":"\\u0022"}],"image":\
            "registry.example.com/shop/web:v2"},{"name":"log","image":"log:2"}],"initContainers":[{"name":"side",\
            "image":"registry.example.com/side:v1"}],"serviceAccountName":"shop","imagePullSecrets":[{"name":"a"},{"name":"b",\
            "x":1},{"name":"a"},{},{"name":""}],"nodeName":"node-1","volumes":[{"name":"x"}]},"status":{"phase":\
            "\(phase)","conditions":[{"type":"Ready","status":"True"}],"containerStatuses":\(reported),\
            "initContainerStatuses":[{"name":"side","imageID":"registry.example.com/side@\(digest)"}]}}
            """
    }

    private func whole(_ text: String) throws -> PodImages {
        PodImages(try JSONDecoder().decode(Pod.self, from: Data(text.utf8)))
    }

    @Test("what is kept of a pod is its age and three pointers: there may be fifty thousand")
    func size() { #expect(MemoryLayout<PodImages>.stride <= 40) }

    @Test("keep what is kept of a whole pod")
    func same() throws {
        for number in 0..<20 {
            let text = pod(number).replacing(#""image":"registry.example.com/shop/web:v1","env""#, with: #""env""#)
            let images = try read(text)
            #expect(images == (try whole(text)))
            #expect(images.images.count == 2 && images.labels.count == 2)
            #expect(images.pullSecrets == PullSecretReferences(secrets: ["a", "b"], serviceAccount: "shop"))
        }
        for phase in ["Pending", "Succeeded", "Failed", "Unknown"] {
            let text = pod(1, phase: phase)
            #expect(try read(text).images.isEmpty == (phase == "Succeeded" || phase == "Failed"))
        }
    }

    @Test("have forms that are read although they are odd: nulls, absent parts, members that occur twice")
    func odd() throws {
        for text in [
            #"{"metadata":{"name":"a"}}"#,
            #"{"metadata":{"name":"a"},"spec":{"imagePullSecrets":null,"serviceAccountName":null}}"#,
            #"{"metadata":{"name":"a"},"spec":{"imagePullSecrets":[{"name":null}],"serviceAccountName":""}}"#,
            #"{"metadata":{"name":"a","labels":null},"spec":null,"status":null}"#,
            #"{"metadata":{"name":"a"},"spec":{"containers":null},"status":{"phase":null,"containerStatuses":null}}"#,
            #"{"metadata":{"name":"a"},"status":{"containerStatuses":[{"name":"x","image":null,"imageID":null}]}}"#,
        ] {
            let images = try read(text)
            #expect(images == (try whole(text)) && images.images.isEmpty)
            #expect(images.pullSecrets == PullSecretReferences(secrets: [], serviceAccount: "default"))
        }
        // Where a member occurs twice the later counts.
        let twice =
            #"{"status":{"phase":"Failed"},"metadata":{"name":"a","labels":{"a":"b"}},"metadata":{"labels":{"c":"d"}},"#
        let images = try read(twice + #""status":{"containerStatuses":[{"name":"x","imageID":"sha256:1"}]}}"#)
        #expect(images.labels == ["c": "d"] && images.images.count == 1)
    }

    @Test("say on which platform they can run by node selector and operating system, and nothing else")
    func platforms() throws {
        func platform(_ spec: String) throws -> Platform? {
            let status = #""status":{"containerStatuses":[{"name":"x","imageID":"sha256:1"}]}"#
            let text = #"{"metadata":{"name":"a"},"spec":{\#(spec)},\#(status)}"#
            let images = try read(text)
            #expect(images == (try whole(text)))
            return images.images.first?.platform
        }
        let arm = #""kubernetes.io/arch":"arm64""#
        let linux = #""kubernetes.io/os":"linux""#
        #expect(try platform(#""nodeSelector":{\#(arm),\#(linux),"a":"b"}"#) == Platform("linux/arm64"))
        #expect(try platform(#""nodeSelector":{\#(arm)}"#) == Platform("unknown/arm64"))
        #expect(try platform(#""nodeSelector":{\#(arm)},"os":{"name":"windows"}"#) == Platform("windows/arm64"))
        #expect(try platform(#""os":{"name":"linux"}"#) == Platform("linux/unknown"))
        for spec in [
            "", #""nodeSelector":null,"os":null"#, #""nodeSelector":{},"os":{}"#, #""os":{"name":null}"#,
            #""nodeSelector":{"kubernetes.io/arch":"","beta.kubernetes.io/arch":"arm64"}"#,
            #""nodeSelector":{"kubernetes.io/arch":"a/b"}"#, #""nodeSelector":{"kubernetes.io/arch":"ARM64"}"#,
        ] {
            #expect(try platform(spec) == nil, "\(spec)")
        }
    }

    @Test(
        "that are no pods are refused",
        arguments: [
            "{}", "[]", #"{"metadata":{"name":""}}"#, #"{"metadata":{"name":"a"},"kind":"Node"}"#,
            #"{"metadata":{"name":"a","labels":{"x":1}}}"#, #"{"metadata":{"name":"a"},"spec":[]}"#,
            #"{"metadata":{"name":"a"},"spec":{"containers":[{}]}}"#,
            #"{"metadata":{"name":"a"},"status":{"containerStatuses":{"name":"a"}}}"#,
            #"{"metadata":{"name":"a"},"status":{"phase":7}}"#,
        ]
    )
    func refused(_ text: String) { #expect(throws: (any Error).self) { try read(text) } }

    @Test("with very many containers cost no more than the first 256 of them")
    func many() throws {
        let digest = Digest.of([1])
        let statuses = (0..<600).map { #"{"name":"c\#($0)","imageID":"registry.example.com/r\#($0)@\#(digest)"}"# }
        #expect(try read(pod(1, statuses: "[\(statuses.joined(separator: ","))]")).images.count == 256)
    }

    @Test("of one workload share what is kept of them")
    func shared() throws {
        let (first, second) = (try read(pod(1)), try read(pod(8)))
        #expect(first.images == second.images)
        func address(_ pod: PodImages) -> UInt {
            pod.images.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(address(first) == address(second))
        // The tables are bounded: more workloads than they hold are still right.
        let parts = SharedPodParts()
        for number in 0..<5000 {
            #expect(parts.labels(["n": "\(number)"]) == ["n": "\(number)"])
        }
    }

    @Test("broken anywhere are refused or read as a whole pod would be", .timeLimit(.minutes(5)))
    func mutations() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("PodProjection mutations: seed \(seed)")
        var random = SplitMix64(seed: seed)
        let original = Array(pod(3).utf8)
        var read = 0
        for _ in 0..<3000 {
            var bytes = original
            for _ in 0...Int.random(in: 0...2, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0x20...0x7E, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[place], at: place)
                }
            }
            guard let found = try? JSONReader.read(bytes, { try reader.object(&$0) }) else { continue }
            read += 1
            // What was read is JSON for the strict parser too.
            #expect(throws: Never.self, "seed \(seed)") { try JSONParser(duplicateKeys: .lastWins).parse(bytes) }
            guard let pod = try? JSONDecoder().decode(Pod.self, from: Data(bytes)),
                pod.metadata.name == found.header.name
            else { continue }
            let isRepeated = (try? JSONParser().parse(bytes)) == nil
            #expect(
                isRepeated || found.value == PodImages(pod),
                "seed \(seed) \(String(decoding: bytes, as: UTF8.self))"
            )
        }
        #expect(read > 300)
    }
}

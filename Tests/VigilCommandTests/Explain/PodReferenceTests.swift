import Testing

@testable import VigilCommand

@Suite("pod/NAME")
struct PodReferenceTests {
    @Test("pods as kubectl names them", arguments: ["pod/web-0", "pods/web-0", "po/web-0"])
    func pods(text: String) { #expect(PodReference(text)?.name == "web-0") }

    @Test(
        "everything else is an image, or nothing",
        arguments: [
            "web", "deploy/web", "docker.io/pod/web", "pod/web:v1", "pod/a/b", "pod/", "pod/Web", "pod/web@sha256:1",
            "/web",
            "pod/\u{E9}",
        ]
    )
    func others(text: String) { #expect(PodReference(text) == nil) }

    @Test("the options of pods are for pods")
    func options() async {
        for option in [["-n", "shop"], ["-c", "main"], ["--kubeconfig", "x"], ["--context", "x"]] {
            let run = await CommandRun(["explain", "r.example/web:v1"] + option, in: CommandRun.Surroundings())
            #expect(run.status == 2 && run.errors.contains("are for pod/NAME"), "\(run.errors)")
        }
        #expect(await CommandRun("explain").status == 2)
    }
}

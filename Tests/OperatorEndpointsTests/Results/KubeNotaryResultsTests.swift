import HTTPTypes
import JSONModel
import KubernetesAPI
import OCIModel
import Testing
import TrustModel
import TrustResources

@testable import OperatorEndpoints

/// What was made to read kube-notary's results finds here, and what it could not rely on there.
@Suite("Results in kube-notary's shape")
struct KubeNotaryResultsTests {
    private func entries(_ containers: [RunningContainer], _ images: [ImageResult]) throws -> [JSONValue] {
        let bytes = KubeNotaryResults(containers, ResultsSnapshot(images: images, policies: [])).bytes
        return try #require(try JSONParser().parse(bytes).array)
    }

    @Test("an image is one entry with every container that runs it, in the order of the pods")
    func shape() throws {
        let containers = [
            SampleImages.container("api-0", 2), SampleImages.container("web-0", 1), SampleImages.container("web-1", 1),
        ]
        let found = try entries(containers, [SampleImages.image(1), SampleImages.image(2, .untrusted)])
        #expect(found.count == 2)
        #expect(found.map { $0["hash"]?.string } == [SampleImages.digest(2).hex, SampleImages.digest(1).hex])
        #expect(
            found[1]["containers"]?.array?.first == [
                "namespace": "shop", "pod": "web-0", "container": "web", "containerID": "",
                "image": "registry.example.com/shop/web-1:v1",
                "imageID": .string("registry.example.com/shop/web-1@\(SampleImages.digest(1))"),
            ]
        )
        #expect(found[1]["containers"]?.array?.map { $0["pod"] } == ["web-0", "web-1"])
        #expect(
            found[1]["verification"]
                == ["level": 98, "status": 0, "timestamp": "2026-05-12T00:00:00Z", "trusted": true]
        )
        #expect(found[1]["errors"] == nil, "absent where there is none")
    }

    @Test(
        "each verdict has kube-notary's code",
        arguments: [
            (Verdict.trusted, 0, 98, true), (.untrusted, 1, 98, false), (.unknown, 2, 0, false),
            (.unsupported, 3, 98, false),
        ] as [(Verdict, Int64, Int64, Bool)]
    )
    func codes(_ verdict: Verdict, _ status: Int64, _ level: Int64, _ isTrusted: Bool) throws {
        let found = try entries([SampleImages.container("a", 1)], [SampleImages.image(1, verdict)])[0]
        #expect(found.value(at: "verification", "status") == .integer(status))
        #expect(found.value(at: "verification", "level") == .integer(level))
        #expect(found.value(at: "verification", "trusted") == .bool(isTrusted))
    }

    @Test("of an image in several namespaces the worst verdict stands, and one that nobody judged is unknown")
    func worst() throws {
        let containers = [
            SampleImages.container("a", 1, namespace: "bank"), SampleImages.container("b", 1, namespace: "shop"),
        ]
        let trusted = SampleImages.image(1, namespace: "bank")
        let both = try entries(containers, [trusted, SampleImages.image(1, .untrusted)])
        #expect(both.count == 1 && both[0].value(at: "verification", "status") == 1)
        let half = try entries(containers, [trusted])
        #expect(half[0].value(at: "verification", "status") == 2)
        #expect(half[0].value(at: "verification", "trusted") == false)
        #expect(half[0].value(at: "verification", "timestamp") == "")
    }

    @Test("errors say why nobody could be asked; bad evidence is none")
    func errors() throws {
        let outage = SampleImages.image(1, .unknown, message: "nobody answers") { $0.reason = .registryUnreachable }
        #expect(try entries([SampleImages.container("a", 1)], [outage])[0]["errors"] == ["nobody answers"])
        let stale = SampleImages.image(1) { status in
            status.conditions = [
                Condition(
                    type: "Fresh",
                    status: .false,
                    lastTransitionTime: KubernetesTime(SampleImages.now),
                    reason: "RegistryUnreachable",
                    message: "the verdict is kept"
                )
            ]
        }
        let kept = try entries([SampleImages.container("a", 1)], [stale])[0]
        #expect(kept["errors"] == ["the verdict is kept"] && kept.value(at: "verification", "trusted") == true)
        #expect(try entries([SampleImages.container("a", 1)], [SampleImages.image(1, .untrusted)])[0]["errors"] == nil)
    }

    @Test("images without a digest are there, each by itself")
    func withoutDigest() throws {
        let containers = ["x", "y", "x"].map { name in
            RunningContainer(
                pod: ObjectKey(namespace: "shop", name: "pod-\(name)"),
                container: "c",
                image: "\(name)\u{202E}:v1",
                imageID: "",
                hash: "",
                verification: ObjectKey(namespace: "shop", name: "ref-\(name)")
            )
        }
        let found = try entries(containers, [])
        #expect(found.map { $0["hash"] } == ["", ""])
        #expect(found.map { $0["containers"]?.array?.count } == [2, 1])
        #expect(found[0]["containers"]?.array?.first?["image"] == "x\u{FFFD}:v1")
    }

    @Test("nothing runs: an empty list")
    func nothing() {
        #expect(KubeNotaryResults([], ResultsSnapshot(images: [], policies: [])).bytes == Array("[]\n".utf8))
    }

    @Test("one namespace can be asked for, and more than fits an answer must be")
    func bounds() async throws {
        let many = (0...KubeNotaryResults.maximumContainers).map {
            SampleImages.container("p\($0)", 1, namespace: $0 < 2 ? "bank" : "shop")
        }
        let endpoint = try #require(
            Endpoint.results(KnownResults(containers: many)).first { $0.path == "/results" }
        )
        let all = await endpoint.answer(Endpoint.Query())
        #expect(all.status == .badRequest)
        #expect(String(decoding: all.body, as: UTF8.self).hasPrefix("50001 containers are more than the 50000 of one"))
        let bank = await endpoint.answer(Endpoint.Query(parameters: [("namespace", "bank")]))
        #expect(try JSONParser().parse(bank.body).array?.first?["containers"]?.array?.count == 2)
        // What kube-notary ignored is ignored.
        let other = await endpoint.answer(Endpoint.Query(parameters: [("namespace", "bank"), ("_", "1")]))
        #expect(other.status == .ok)
    }
}

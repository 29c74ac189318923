import JSONModel
import NotaryVerification
import Testing

@testable import VigilCommand

@Suite("vigil policy check: every danger, in objects and in documents of notation")
struct PolicyCautionTests {
    private func warnings(_ files: [String: String]) async throws -> [String] {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(name, text) }
        let run = await CommandRun(["policy", "check", folder.path, "-o", "json"], in: CommandRun.Surroundings())
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        let report = try JSONParser().parse(Array(run.output.utf8))
        return try #require(report["findings"]?.array).map { finding in
            #expect(finding["line"]?.integer != nil, "a warning stands somewhere")
            return [finding["severity"], finding["rule"], finding["path"]].map { $0?.string ?? "-" }
                .joined(separator: " ")
        }
    }

    @Test("without a danger there is no warning")
    func quiet() async throws {
        let scene = try CautionScene()
        #expect(try await warnings(["p.yaml": scene.object]).isEmpty)
        #expect(try await warnings(scene.folder).isEmpty)
    }

    @Test("each danger is told once, by its name, where it is written", arguments: TrustCaution.Code.allCases)
    func danger(code: TrustCaution.Code) async throws {
        let scene = try CautionScene(of: code, now: CommandRun.now)
        let place = CautionScene.place(of: code)
        #expect(
            try await warnings(["p.yaml": scene.object]) == [
                "warning \(code.rawValue) spec.authorities[0].notary\(place.object)"
            ]
        )
        #expect(
            try await warnings(scene.folder) == ["warning \(code.rawValue) trustPolicies[0]\(place.notation)"]
        )
    }

    @Test("everybody's signature is dangerous beside certificates that cannot be seen, too")
    func unseen() async throws {
        let referring = PolicyText.referring("configMapRef: {namespace: trust, name: anchors, key: ca.pem}")
        let found = try await warnings(["p.yaml": referring])
        #expect(found.contains("warning anyIdentity spec.authorities[0].notary.trustedIdentities"), "\(found)")
        var scene = try CautionScene()
        scene.identities = ["*"]
        let document = try #require(scene.folder["trustpolicy.json"])
        #expect(
            try await warnings(["trustpolicy.json": document]).sorted() == [
                "warning anchorsUnseen trustPolicies[0].trustStores",
                "warning anyIdentity trustPolicies[0].trustedIdentities",
            ]
        )
    }
}

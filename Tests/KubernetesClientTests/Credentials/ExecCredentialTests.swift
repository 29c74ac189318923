import FoundationEssentials
import OutboundHTTP
import Testing

@testable import KubernetesClient

@Suite("Answer of a credential program")
struct ExecCredentialTests {
    private func read(_ text: String, _ version: ExecCredentialPlugin.Version = .v1) throws -> ExecCredential {
        try ExecCredential(output: Array(text.utf8), version: version)
    }

    private func answer(_ status: String, version: String = "v1", kind: String = "ExecCredential") -> String {
        "{\"kind\":\"\(kind)\",\"apiVersion\":\"client.authentication.k8s.io/\(version)\",\"status\":\(status)}"
    }

    @Test("a token, a certificate with its key, or both, and an end")
    func complete() throws {
        #expect(try read(answer("{\"token\":\"t\\n\"}")).token == "t")
        let both = try read(
            answer(
                """
                {"token":"t","clientCertificateData":"c","clientKeyData":"k",\
                "expirationTimestamp":"2026-11-21T10:00:00Z"}
                """
            )
        )
        #expect(both.identity?.certificateChainPEM == Array("c".utf8))
        #expect(both.identity?.privateKeyPEM == Array("k".utf8))
        #expect(both.expiresAt == Date(timeIntervalSince1970: 1_795_255_200))
        #expect(try read(answer("{\"token\":\"t\"}", version: "v1beta1"), .v1beta1).expiresAt == nil)
    }

    @Test(
        "anything else is refused, and the words show nothing of it",
        arguments: [
            ("", "no JSON"), ("secret", "no JSON"), ("[\"secret\"]", "no ExecCredential"), ("{}", "no ExecCredential"),
        ]
    )
    func noCredential(text: String, words: String) {
        let error = #expect(throws: ExecCredential.Unusable.self) { try read(text) }
        #expect(error?.cause.contains(words) == true && error?.cause.contains("secret") == false)
    }

    @Test(
        "a status that does not suffice is refused",
        arguments: [
            ("null", "no status"), ("\"secret\"", "no status"), ("{}", "neither a token"),
            ("{\"token\":\"\"}", "neither a token"), ("{\"token\":\" \\n\"}", "characters"),
            ("{\"token\":\"secret\\r\\nx: y\"}", "characters"), ("{\"token\":[\"secret\"]}", "no text"),
            ("{\"clientCertificateData\":\"secret\"}", "only one"), ("{\"clientKeyData\":\"secret\"}", "only one"),
            ("{\"token\":\"secret\",\"expirationTimestamp\":\"tomorrow\"}", "expirationTimestamp"),
        ]
    )
    func insufficient(status: String, words: String) {
        let error = #expect(throws: ExecCredential.Unusable.self) { try read(answer(status)) }
        #expect(error?.cause.contains(words) == true, "\(String(describing: error))")
        #expect(error?.cause.contains("secret") == false)
    }

    @Test("the version must be the one that was asked for")
    func version() {
        #expect(throws: ExecCredential.Unusable.self) { try read(answer("{\"token\":\"t\"}", version: "v1beta1")) }
        #expect(throws: ExecCredential.Unusable.self) { try read(answer("{\"token\":\"t\"}"), .v1beta1) }
        #expect(throws: ExecCredential.Unusable.self) { try read(answer("{\"token\":\"t\"}", kind: "Pod")) }
    }

    @Test("a credential is used until its end, or until the server refuses it")
    func cache() throws {
        let first = try read(answer("{\"token\":\"1\",\"expirationTimestamp\":\"1970-01-01T00:01:40Z\"}"))
        let second = try read(answer("{\"token\":\"2\"}"))
        var cache = ExecCredentialCache()
        #expect(cache.usable(at: Date(timeIntervalSince1970: 0)) == nil)
        cache.store(first)
        #expect(cache.usable(at: Date(timeIntervalSince1970: 100)) == first)
        #expect(cache.usable(at: Date(timeIntervalSince1970: 100.1)) == nil)
        cache.store(second)
        // What is said of a credential that was replaced meanwhile does not touch its successor.
        cache.refuse(first)
        #expect(cache.usable(at: Date(timeIntervalSince1970: 1e9)) == second)
        cache.refuse(second)
        #expect(cache.usable(at: Date(timeIntervalSince1970: 0)) == nil)
    }
}

import KubernetesAPI
import Testing
import TrustResources

@Suite("A person's request to verify now")
struct VerificationRequestTests {
    private func request(_ annotations: [String: String]) -> VerificationRequest? {
        VerificationRequest(ObjectMeta(name: "web", annotations: annotations))
    }

    @Test("No annotation, another one and an empty one ask for nothing")
    func nothing() {
        #expect(request([:]) == nil)
        #expect(request(["vigil.dev/verify": "now"]) == nil)
        #expect(request(["vigil.dev/verify-requested-at": ""]) == nil)
    }

    @Test("Whatever stands there is repeated as it can be shown, and no longer than a status allows")
    func token() {
        #expect(request(["vigil.dev/verify-requested-at": "2026-06-01T00:00:01Z"])?.token == "2026-06-01T00:00:01Z")
        #expect(request(["vigil.dev/verify-requested-at": "a\u{202E}b\u{1B}[31m"])?.token == "a\u{FFFD}b\u{FFFD}[31m")
        let long = request(["vigil.dev/verify-requested-at": String(repeating: "é", count: 5000)])
        #expect(long?.token.unicodeScalars.count == 253)
    }
}

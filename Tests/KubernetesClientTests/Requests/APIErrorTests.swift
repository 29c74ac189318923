import KubernetesAPI
import KubernetesClient
import Testing

@Suite("API failures")
struct APIErrorTests {
    private let request = APIRequest(.get, "/api/v1/namespaces/shop/pods/web")

    private func error(
        _ status: Int,
        _ body: String,
        method: APIRequest.Method = .get,
        headers: [String: String] = [:]
    ) -> APIError {
        APIError(
            APIResponse(status: status, headers: headers, body: Array(body.utf8)),
            to: APIRequest(method, request.path)
        )
    }

    @Test("a Status is read with reason, message, details and delay")
    func status() {
        let error = error(
            504,
            Gadget.status(
                504,
                "Timeout",
                details: #"{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1}"#
            )
        )
        #expect(error.code == .timeout && error.httpStatus == 504)
        #expect(error.retryAfter == .seconds(1) && error.isResourceVersionTooLarge)
        #expect(error.message == "GET /api/v1/namespaces/shop/pods/web was refused with 504 Timeout: said so")
    }

    @Test("the same HTTP status with different reasons gives different codes")
    func reasons() {
        #expect(error(409, Gadget.status(409, "Conflict"), method: .post).code == .conflict)
        #expect(error(409, Gadget.status(409, "AlreadyExists"), method: .post).code == .alreadyExists)
        let terminating = error(
            403,
            Gadget.status(403, "Forbidden", details: #"{"causes":[{"reason":"NamespaceTerminating"}]}"#)
        )
        #expect(terminating.code == .forbidden && terminating.isNamespaceTerminating)
    }

    @Test("answers that are no Status are sorted by their HTTP status")
    func plainText() {
        let notFound = error(404, "404 page not found\n")
        #expect(notFound.code == .notFound)
        #expect(notFound.message.hasSuffix("was answered with 404: 404 page not found"))
        let unserved = APIError(
            APIResponse(status: 404, body: Array("404 page not found\n".utf8)),
            to: APIRequest(.get, "/apis/example.dev/v1/widgets")
        )
        #expect(unserved.code == .notFound && unserved.message.contains("CustomResourceDefinition"))
        #expect(error(409, "", method: .post).code == .alreadyExists)
        #expect(error(409, "", method: .put).code == .conflict)
        #expect(error(410, "").isExpired)
        #expect(error(503, "<html>busy</html>", headers: ["retry-after": "7"]).retryAfter == .seconds(7))
        #expect(error(418, "{").code == .unknown)
    }

    @Test("long and odd texts are cut and flattened")
    func excerpts() {
        let long = error(502, String(repeating: "x\u{1B}\n", count: 5000))
        #expect(long.message.utf8.count < 700)
        #expect(!long.message.contains("\u{1B}") && !long.message.contains("\n"))
    }

    @Test("a delay that is no number of seconds, negative or absurd is none")
    func delays() {
        for value in ["Wed, 21 Oct 2026 07:28:00 GMT", "-1", "999999999999999999999", "86401"] {
            #expect(error(429, "", headers: ["retry-after": value]).retryAfter == nil)
        }
    }
}

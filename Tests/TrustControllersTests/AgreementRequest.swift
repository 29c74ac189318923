import JSONModel
import KubernetesAPI
import KubernetesClient

/// A request whose answer is compared with that of every API server.
struct AgreementRequest: Sendable {
    /// How the body is to be read.
    enum BodyType: String, Sendable {
        case object = "application/json"
        case operations = "application/json-patch+json"
        case merge = "application/merge-patch+json"
        case strategic = "application/strategic-merge-patch+json"
        case apply = "application/apply-patch+yaml"
    }

    var method: APIRequest.Method
    var path: String
    var body: JSONValue?
    var type: BodyType
    var query: [APIRequest.QueryItem] = []

    init(
        _ method: APIRequest.Method,
        _ path: String,
        _ body: JSONValue? = nil,
        type: BodyType = .object,
        query: [APIRequest.QueryItem] = []
    ) {
        self.method = method
        self.path = path
        self.body = body
        self.type = type
        self.query = query
    }

    /// Sends the request, and gives the object of the answer, or the words of the refusal.
    func send(by client: APIClient) async throws -> (status: Int, body: JSONValue) {
        let bytes = body.map { JSONSerializer().bytes($0) }
        let request = APIRequest(method, path, query: query, headers: ["content-type": type.rawValue], body: bytes)
        do {
            let response = try await client.send(request)
            return (response.status, try JSONParser().parse(response.body))
        } catch let error as APIError {
            return (error.httpStatus, .string(error.message))
        }
    }
}

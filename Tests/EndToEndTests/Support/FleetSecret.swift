import FoundationEssentials
import KubernetesAPI
import KubernetesClient

/// The pull secret of a fleet's pods, which must be told to nobody (I7).
enum FleetSecret {
    static let name = "regcred"
    private static let password = "correct-horse-battery-staple"

    static func plant(in namespace: String, _ client: APIClient) async throws {
        let entry = #"{"auths":{"\#(OperatorFleet.registry)":{"username":"shop","password":"\#(password)"}}}"#
        let data = Data(entry.utf8).base64EncodedString()
        let body =
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"\#(name)"},"#
            + #""type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"\#(data)"}}"#
        let request = APIRequest(
            .post,
            "/api/v1/namespaces/\(namespace)/secrets",
            headers: ["content-type": "application/json"],
            body: Array(body.utf8)
        )
        _ = try await client.send(request)
    }

    static func isTold(in text: String) -> Bool {
        text.contains(password) || text.contains(Data("shop:\(password)".utf8).base64EncodedString())
    }
}

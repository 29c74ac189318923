import FoundationEssentials
import KubernetesAPI
import KubernetesClient

/// The pull secret of a fleet's pods, which must be told to nobody (I7).
enum FleetSecret {
    static let name = "regcred"
    private static let password = "correct-horse-battery-staple"

    /// The data of the Secret.
    private static let stored = Data(
        #"{"auths":{"\#(OperatorFleet.registry)":{"username":"shop","password":"\#(password)"}}}"#.utf8
    ).base64EncodedString()

    static func plant(in namespace: String, _ client: APIClient) async throws {
        let body =
            #"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"\#(name)"},"#
            + #""type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"\#(stored)"}}"#
        let request = APIRequest(
            .post,
            "/api/v1/namespaces/\(namespace)/secrets",
            headers: ["content-type": "application/json"],
            body: Array(body.utf8)
        )
        _ = try await client.send(request)
    }

    static func isTold(in text: String) -> Bool {
        [password, stored, Data("shop:\(password)".utf8).base64EncodedString()].contains { text.contains($0) }
    }
}

import EmbeddedKubernetes
import Foundation
import JSONModel
import KubernetesAPI
import Testing

/// Secrets of the types that an API server knows the content of.
@Suite("Secrets")
struct SecretTests {
    private static let path = "/api/v1/namespaces/default/secrets"

    private static func secret(_ type: String, _ content: [String: String], annotations: JSONValue = [:]) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "Secret", "type": .string(type),
            "metadata": ["name": "a", "annotations": annotations],
            "data": .object(content.mapValues { .string(Data($0.utf8).base64EncodedString()) }),
        ]
    }

    @Test(
        "what a type demands must be there",
        arguments: [
            ("kubernetes.io/dockerconfigjson", [:], ["data[.dockerconfigjson]": "Required value"]),
            (
                "kubernetes.io/dockerconfigjson", [".dockerconfigjson": "s3cr3t"],
                [
                    "data[.dockerconfigjson]":
                        #"Invalid value: "<secret contents redacted>": invalid character 's' looking for beginning of value"#
                ]
            ),
            (
                "kubernetes.io/dockercfg", [".dockercfg": ""],
                ["data[.dockercfg]": #"Invalid value: "<secret contents redacted>": unexpected end of JSON input"#]
            ),
            ("kubernetes.io/tls", ["tls.crt": "c"], ["data[tls.key]": "Required value"]),
            ("kubernetes.io/ssh-auth", ["ssh-privatekey": ""], ["data[ssh-privatekey]": "Required value"]),
            (
                "kubernetes.io/basic-auth", ["pass": "p"],
                ["data[username]": "Required value", "data[password]": "Required value"]
            ),
            (
                "kubernetes.io/service-account-token", [:],
                ["metadata.annotations[kubernetes.io/service-account.name]": "Required value"]
            ),
        ] as [(String, [String: String], [String: String])]
    )
    func refused(type: String, content: [String: String], expected: [String: String]) async throws {
        let answer = try await ClusterFixture().send(.post, Self.path, Self.secret(type, content))
        #expect(answer.status == 422)
        #expect(answer.body.causes == expected, "\(answer.body.message)")
        #expect(!answer.body.message.contains("s3cr3t"))
    }

    @Test(
        "what has it is taken, and so is every content of another type",
        arguments: [
            ("kubernetes.io/dockerconfigjson", [".dockerconfigjson": "{}"]),
            ("kubernetes.io/dockercfg", [".dockercfg": #"{"r":{"auth":"x"}}"#]),
            ("kubernetes.io/tls", ["tls.crt": "", "tls.key": "k"]), ("kubernetes.io/ssh-auth", ["ssh-privatekey": "k"]),
            ("kubernetes.io/basic-auth", ["password": "p"]), ("Opaque", ["a": "b"]), ("example.com/own", [:]),
        ] as [(String, [String: String])]
    )
    func taken(type: String, content: [String: String]) async throws {
        let fixture = ClusterFixture()
        #expect(try await fixture.send(.post, Self.path, Self.secret(type, content)).status == 201)
        // The same holds when it is changed.
        let change = try await fixture.send(
            .patch,
            "\(Self.path)/a",
            ["data": nil],
            type: "application/merge-patch+json"
        )
        #expect(change.status == (type.hasPrefix("kubernetes.io/") ? 422 : 200), "\(change.body)")
    }
}

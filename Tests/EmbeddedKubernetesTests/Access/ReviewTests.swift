import EmbeddedKubernetes
import JSONModel
import KubernetesAPI
import Testing

@Suite("Access reviews")
struct ReviewTests {
    private let api = "/apis/authorization.k8s.io/v1"

    private func review(_ fixture: ClusterFixture, _ kind: String, _ path: String, _ spec: JSONValue) async throws
        -> (status: Int, body: JSONValue, headers: [String: String])
    {
        try await fixture.send(
            .post,
            "\(api)/\(path)",
            ["kind": .string(kind), "apiVersion": "authorization.k8s.io/v1", "spec": spec]
        )
    }

    private static func pods(_ verb: String, _ namespace: String = "default") -> JSONValue {
        ["resourceAttributes": ["verb": .string(verb), "resource": "pods", "namespace": .string(namespace)]]
    }

    @Test("one's own access is told with the binding that gives it")
    func own() async throws {
        let admin = ClusterFixture()
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        try await admin.role("reader", ClusterFixture.rule(["list"], [""], ["pods"]))
        try await admin.bind("reader", to: "jane", in: "default")
        let yes = try await review(jane, "SelfSubjectAccessReview", "selfsubjectaccessreviews", Self.pods("list"))
        #expect(yes.status == 201)
        #expect(
            yes.body["status"] == [
                "allowed": true,
                "reason":
                    #"RBAC: allowed by RoleBinding "reader-jane/default" of ClusterRole "reader" to User "jane""#,
            ]
        )
        let no = try await review(jane, "SelfSubjectAccessReview", "selfsubjectaccessreviews", Self.pods("get"))
        #expect(no.body["status"] == ["allowed": false])
        let path: JSONValue = ["nonResourceAttributes": ["verb": "get", "path": "/version"]]
        let version = try await review(jane, "SelfSubjectAccessReview", "selfsubjectaccessreviews", path)
        #expect(version.body.value(at: "status", "allowed") == true)
        let neither = try await review(jane, "SelfSubjectAccessReview", "selfsubjectaccessreviews", [:])
        #expect(neither.status == 422 && neither.body.message.contains("exactly one of"))
    }

    @Test("others' access is for those who may ask")
    func others() async throws {
        let admin = ClusterFixture()
        try await admin.bind("view", to: "joe", in: "default")
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        var spec = Self.pods("list")
        spec = .object((spec.object ?? [:]).merging(["user": "joe"]) { _, new in new })
        #expect(try await review(jane, "SubjectAccessReview", "subjectaccessreviews", spec).status == 403)
        try await admin.bind("system:auth-delegator", to: "jane")
        let answer = try await review(jane, "SubjectAccessReview", "subjectaccessreviews", spec)
        #expect(answer.body.value(at: "status", "allowed") == true)
        let local = "namespaces/default/localsubjectaccessreviews"
        #expect(try await review(admin, "LocalSubjectAccessReview", local, spec).body["status"]?["allowed"] == true)
        let elsewhere = "namespaces/kube-system/localsubjectaccessreviews"
        #expect(try await review(admin, "LocalSubjectAccessReview", elsewhere, spec).status == 422)
        let nobody = try await review(admin, "SubjectAccessReview", "subjectaccessreviews", Self.pods("list"))
        #expect(nobody.status == 422 && nobody.body.message.contains("at least one of user or group"))
        let masters = Self.pods("delete").object?.merging(["groups": ["system:masters"]]) { _, new in new }
        let all = try await review(admin, "SubjectAccessReview", "subjectaccessreviews", .object(masters ?? [:]))
        #expect(all.body["status"] == ["allowed": true])
    }

    @Test("the rules of a namespace are listed")
    func rules() async throws {
        let admin = ClusterFixture()
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        try await admin.role("r", ClusterFixture.rule(["get"], [""], ["secrets"], names: ["k"]))
        try await admin.bind("r", to: "jane", in: "default")
        try await admin.bind("absent", to: "jane", in: "kube-system")
        let spec: JSONValue = ["namespace": "default"]
        let status = try await review(jane, "SelfSubjectRulesReview", "selfsubjectrulesreviews", spec).body["status"]
        let expected: JSONValue = [
            "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["k"],
        ]
        #expect(status?["resourceRules"]?.array?.contains(expected) == true && status?["incomplete"] == false)
        #expect(status?["nonResourceRules"]?.array?.isEmpty == false)
        let other: JSONValue = ["namespace": "kube-system"]
        let partial = try await review(jane, "SelfSubjectRulesReview", "selfsubjectrulesreviews", other).body["status"]
        #expect(partial?["incomplete"] == false && partial?["evaluationError"]?.string?.contains("absent") == true)
        #expect(try await review(jane, "SelfSubjectRulesReview", "selfsubjectrulesreviews", [:]).status == 400)
    }
}

import EmbeddedKubernetes
import FoundationEssentials
import JSONModel
import KubernetesAPI
import Testing

@Suite("Authentication")
struct AuthenticationTests {
    private let whoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    private let account = "/api/v1/namespaces/default/serviceaccounts"

    private func user(
        _ fixture: ClusterFixture,
        _ headers: [String: String] = [:],
        lines: [APIRequest.HeaderLine] = []
    ) async throws -> JSONValue {
        let answer = try await fixture.send(
            .post,
            whoAmI,
            ["kind": "SelfSubjectReview", "apiVersion": "authentication.k8s.io/v1"],
            headers: headers,
            lines: lines
        )
        return answer.status == 201 ? answer.body.value(at: "status", "userInfo") ?? .null : answer.body
    }

    private func bearer(_ token: String) -> [String: String] { ["authorization": "Bearer \(token)"] }

    private func token(_ fixture: ClusterFixture, _ spec: JSONValue = [:]) async throws -> String {
        if try await fixture.send(.get, "\(account)/bot").status == 404 {
            let object: JSONValue = ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": ["name": "bot"]]
            #expect(try await fixture.send(.post, account, object).status == 201)
        }
        let answer = try await fixture.send(
            .post,
            "\(account)/bot/token",
            ["kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": spec]
        )
        #expect(answer.status == 201, "\(answer.body)")
        return answer.body.value(at: "status", "token")?.string ?? ""
    }

    @Test("credentials that open nothing are 401, and none are whom the configuration says")
    func credentials() async throws {
        let open = ClusterFixture()
        #expect(try await user(open)["username"] == "system:admin")
        let refused = try await user(open, bearer("wrong"))
        #expect(refused["code"] == 401 && refused.reason == "Unauthorized" && refused.message == "Unauthorized")
        let anonymous = ClusterFixture { $0.userWithoutCredentials = .anonymous }
        #expect(try await anonymous.send(.get, "/api/v1/pods").body.message.contains(#"User "system:anonymous""#))
        let closed = ClusterFixture { $0.userWithoutCredentials = nil }
        #expect(try await closed.send(.get, "/version").status == 401)
        #expect(try await closed.send(.get, "/version", headers: ["authorization": "Basic eDp5"]).status == 401)
    }

    @Test("static tokens are their users")
    func staticTokens() async throws {
        let fixture = ClusterFixture {
            $0.userWithoutCredentials = nil
            $0.tokens = ["s3cret": ClusterUser(name: "jane", uid: "7", groups: ["dev"])]
        }
        let found = try await user(fixture, bearer("s3cret"))
        #expect(
            found == ["username": "jane", "uid": "7", "groups": ["dev", "system:authenticated"]]
        )
        #expect(try await fixture.send(.get, "/api/v1/pods", headers: bearer("s3cret")).status == 403)
    }

    @Test("a service account's token is the account, until it expires or the account is gone")
    func serviceAccounts() async throws {
        let date = MovableDate()
        let fixture = ClusterFixture { $0.now = { date.now } }
        let token = try await token(fixture, ["expirationSeconds": 600])
        let found = try await user(fixture, bearer(token))
        #expect(found["username"] == "system:serviceaccount:default:bot")
        #expect(
            found["groups"] == [
                "system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated",
            ]
        )
        #expect(found["extra"]?["authentication.kubernetes.io/credential-id"]?.array?.count == 1)
        date.advance(by: 599)
        #expect(try await user(fixture, bearer(token))["username"] != nil)
        date.advance(by: 1)
        #expect(try await user(fixture, bearer(token))["code"] == 401)
        let second = try await self.token(fixture)
        #expect(try await user(fixture, bearer(second))["username"] != nil)
        #expect(try await fixture.send(.delete, "\(account)/bot").status == 200)
        #expect(try await user(fixture, bearer(second))["code"] == 401)
        // One of the same name made anew is another account.
        _ = try await self.token(fixture)
        #expect(try await user(fixture, bearer(second))["code"] == 401)
    }

    @Test("a token for another audience opens nothing here, and TokenReview says for whom it is")
    func audiences() async throws {
        let fixture = ClusterFixture()
        let token = try await token(fixture, ["audiences": ["vault", "other"]])
        #expect(try await user(fixture, bearer(token))["code"] == 401)
        func review(_ audiences: JSONValue) async throws -> JSONValue {
            let spec: JSONValue = ["token": .string(token), "audiences": audiences]
            let answer = try await fixture.send(
                .post,
                "/apis/authentication.k8s.io/v1/tokenreviews",
                ["kind": "TokenReview", "apiVersion": "authentication.k8s.io/v1", "spec": spec]
            )
            return answer.body["status"] ?? .null
        }
        let known = try await review(["vault", "x"])
        #expect(known["authenticated"] == true && known["audiences"] == ["vault"])
        #expect(known.value(at: "user", "username") == "system:serviceaccount:default:bot")
        let unknown = try await review([])
        #expect(unknown["authenticated"] == nil && unknown["error"] == "invalid bearer token")
    }

    @Test("a token bound to a pod ends with the pod")
    func boundToPod() async throws {
        let fixture = ClusterFixture()
        let pods = "/api/v1/namespaces/default/pods"
        let made = try await fixture.send(.post, pods, ClusterFixture.pod("p", spec: ["serviceAccountName": "bot"]))
        let uid = made.body.value(at: "metadata", "uid") ?? ""
        let bound: JSONValue = ["kind": "Pod", "apiVersion": "v1", "name": "p", "uid": uid]
        let token = try await token(fixture, ["boundObjectRef": bound])
        let found = try await user(fixture, bearer(token))
        #expect(found["extra"]?["authentication.kubernetes.io/pod-name"] == ["p"])
        #expect(try await fixture.send(.delete, "\(pods)/p").status == 200)
        #expect(try await user(fixture, bearer(token))["code"] == 401)
        let gone = try await fixture.send(.post, "\(account)/bot/token", ["spec": ["boundObjectRef": bound]])
        #expect(gone.status == 404)
    }

    @Test("a token is not issued for another account of the name, nor for what is no number of seconds")
    func otherAccount() async throws {
        let fixture = ClusterFixture()
        let path = "\(account)/bot/token"
        _ = try await token(fixture)
        let uid = try await fixture.send(.get, "\(account)/bot").body.value(at: "metadata", "uid") ?? ""
        #expect(try await fixture.send(.post, path, ["metadata": ["uid": uid]]).status == 201)
        let other = try await fixture.send(.post, path, ["metadata": ["uid": "other"]])
        #expect(other.status == 409)
        #expect(other.body["message"]?.string?.contains("does not match the UID of the service account") == true)
        let wrong = try await fixture.send(.post, path, ["spec": ["expirationSeconds": true]])
        #expect(wrong.status == 400)
        #expect(wrong.body["message"]?.string?.contains("cannot unmarshal bool into Go struct field") == true)
    }

    @Test("a token whose bytes are changed opens nothing; a lifetime of seconds is refused")
    func hostileTokens() async throws {
        let fixture = ClusterFixture()
        let token = try await token(fixture)
        // The last character holds bits that count for nothing.
        for index in stride(from: 0, to: token.utf8.count - 1, by: 7) {
            var bytes = Array(token.utf8)
            bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let changed = String(decoding: bytes, as: UTF8.self)
            let known = try await user(fixture, bearer(changed))
            #expect(known["code"] == 401, "\(index)")
        }
        let none = try await user(fixture, bearer("eyJhbGciOiJub25lIn0.e30."))
        #expect(none["code"] == 401)
        let short = try await fixture.send(.post, "\(account)/bot/token", ["spec": ["expirationSeconds": 5]])
        #expect(short.status == 422)
        #expect(short.body.causes["spec.expirationSeconds"]?.hasSuffix("less than 10 minutes") == true)
        #expect(try await fixture.send(.post, "\(account)/absent/token", [:]).status == 404)
    }

    @Test("the keys that tokens are signed with are published")
    func keys() async throws {
        let fixture = ClusterFixture()
        let keys = try await fixture.send(.get, "/openid/v1/jwks").body["keys"]?.array ?? []
        #expect(keys.count == 1 && keys.first?["kty"] == "EC" && keys.first?["x"]?.string?.isEmpty == false)
        let document = try await fixture.send(.get, "/.well-known/openid-configuration").body
        #expect(document["issuer"] == "https://kubernetes.default.svc")
    }

    @Test("impersonation is for those who may, part by part")
    func impersonation() async throws {
        let admin = ClusterFixture()
        let whole = try await user(
            admin,
            ["impersonate-user": "joe", "impersonate-uid": "9", "impersonate-extra-acme.com%2fteam": "blue, green"],
            lines: [.init("impersonate-group", "dev, ops"), .init("impersonate-group", "all")]
        )
        #expect(
            whole == [
                "username": "joe", "uid": "9", "groups": ["dev, ops", "all", "system:authenticated"],
                "extra": ["acme.com/team": ["blue, green"]],
            ]
        )
        let account = try await user(admin, ["impersonate-user": "system:serviceaccount:shop:bot"])
        #expect(account["groups"]?.array?.contains("system:serviceaccounts:shop") == true)
        let nobody = try await user(admin, ["impersonate-user": "system:anonymous"])
        #expect(nobody.reason == "Forbidden" && nobody.message.contains("selfsubjectreviews"))
        let jane = admin.acting(as: ClusterUser(name: "jane"))
        let refused = try await user(jane, ["impersonate-user": "joe"])
        #expect(
            refused.message
                == #"selfsubjectreviews.authentication.k8s.io is forbidden: User "jane" cannot "#
                + #"impersonate-on:user-info:create resource "selfsubjectreviews" in API group "#
                + #""authentication.k8s.io" at the cluster scope"#
        )
        try await admin.role("actor", ClusterFixture.rule(["impersonate"], [""], ["users"], names: ["joe"]))
        try await admin.bind("actor", to: "jane")
        #expect(try await user(jane, ["impersonate-user": "joe"])["username"] == "joe")
        let group = try await user(jane, ["impersonate-user": "joe", "impersonate-group": "system:masters"])
        #expect(group.message.hasPrefix(#"groups "system:masters" is forbidden"#))
        #expect(try await user(jane, ["impersonate-user": "jim"])["code"] == 403)
        #expect(try await user(admin, ["impersonate-group": "dev"])["code"] == 400)
    }
}

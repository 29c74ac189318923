import EmbeddedClouds
import FoundationEssentials
import JSONModel
import OutboundHTTP
import SigningTestKit
import TestTiming
import Testing

@testable import CloudServices

/// The exchange of a service account's token for one of Azure.
struct WorkloadIdentityTests {
    @Test("the exact request is made, and its token is used until five minutes before it lapses")
    func exchange() async throws {
        let scene = AzureScene()
        let tokens = try scene.tokens()
        let token = try await tokens.token(for: .vaults(of: .global))
        #expect(token.expires == Date(timeIntervalSince1970: Double(AzureScene.start + 3599)))
        scene.advance(by: 3598 - 300)
        #expect(try await tokens.token(for: .vaults(of: .global)) == token)
        #expect(scene.azure.requests.count == 1)
        scene.writeAssertion { $0["exp"] = .integer(AzureScene.start + 7200) }
        scene.advance(by: 2)
        let next = try await tokens.token(for: .vaults(of: .global))
        #expect(next != token)
        #expect(scene.azure.requests.count == 2)
        #expect(scene.azure.requests.first?.target == "/\(scene.settings.tenant)/oauth2/v2.0/token")
        #expect(scene.azure.requests.first?.body != scene.azure.requests.last?.body, "the file is read anew")
    }

    @Test("a token for another resource is another token")
    func resources() async throws {
        let scene = AzureScene()
        let tokens = try scene.tokens()
        let first = try await tokens.token(for: .vaults(of: .global))
        let second = try await tokens.token(for: .registries(of: .global))
        #expect(first != second)
        #expect(scene.azure.requests.count == 2)
    }

    @Test("many who want a token at once cause one request")
    func singleFlight() async throws {
        let scene = AzureScene()
        let gate = Latch()
        let tokens = try scene.tokens(gate: gate)
        let found = try await withThrowingTaskGroup(of: AzureToken.self) { group in
            for _ in 0..<50 { group.addTask { try await tokens.token(for: .vaults(of: .global)) } }
            // The first answer is held back for as long as another has a chance to ask.
            for _ in 0..<2000 { await Task.yield() }
            gate.open()
            return try await group.reduce(into: Set<AzureToken>()) { $0.insert($1) }
        }
        #expect(found.count == 1)
        #expect(scene.azure.requests.count == 1)
    }

    @Test(
        "a refusal says why, what to do, and no secret",
        arguments: [
            ("iss", "https://other.example.com/", "AADSTS700211", "another issuer"),
            ("aud", "api://other", "AADSTS700212", "api://AzureADTokenExchange"),
            ("sub", "system:serviceaccount:default:default", "AADSTS700213", "system:serviceaccount:NAMESPACE:NAME"),
        ]
    )
    func refusals(_ claim: String, _ value: String, _ code: String, _ remedy: String) async throws {
        let scene = AzureScene()
        scene.writeAssertion { $0[claim] = .string(value) }
        let tokens = try scene.tokens()
        let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains(code) == true)
        #expect(error?.message.contains(remedy) == true)
        #expect(error?.message.contains("Trace ID") == false)
        #expect(error?.message.contains("eyJ") == false)
        #expect(scene.azure.requests.count == 1, "a refusal is final")
    }

    @Test("an assertion that has lapsed is refused until the kubelet has written another")
    func lapsedAssertion() async throws {
        let scene = AzureScene()
        scene.advance(by: 3601)
        let tokens = try scene.tokens()
        let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
        #expect(error?.message.contains("check the clocks") == true)
        scene.writeAssertion { $0["exp"] = .integer(AzureScene.start + 9000) }
        _ = try await tokens.token(for: .vaults(of: .global))
    }

    @Test("a service that fails is asked again, with pauses, and as late as it asks for")
    func retries() async throws {
        let scene = AzureScene()
        scene.azure.fail("/", count: 1, with: CloudAnswer(503))
        scene.azure.fail("/", count: 1, with: CloudAnswer(429, headers: ["retry-after": "3"]))
        _ = try await scene.tokens().token(for: .vaults(of: .global))
        #expect(scene.azure.requests.count == 3)
        #expect(scene.time.clock.pauses.count == 2)
        #expect(scene.time.clock.pauses.last.map { $0 >= .seconds(3) } == true)
    }

    @Test("a service that keeps failing, or is gone, is an error that passes")
    func outage() async throws {
        for (answer, code) in [(CloudAnswer(500), CloudError.Code.serverError), (CloudAnswer(0), .unreachable)] {
            let scene = AzureScene()
            scene.azure.fail("/", count: 99, with: answer)
            let tokens = try scene.tokens()
            let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
            #expect(error?.code == code)
            #expect(scene.azure.requests.count == 3)
            scene.azure.heal()
            _ = try await tokens.token(for: .vaults(of: .global))
        }
    }

    @Test(
        "an answer that is no token is refused, and not quoted",
        arguments: [
            #"{"token_type":"Bearer","expires_in":3599}"#,
            #"{"token_type":"Bearer","expires_in":0,"access_token":"SECRET"}"#,
            #"{"token_type":"Bearer","expires_in":-5,"access_token":"SECRET"}"#,
            #"{"token_type":"mac","expires_in":3599,"access_token":"SECRET"}"#,
            #"{"token_type":"Bearer","expires_in":3599,"access_token":"SECRET\r\nX-Injected: 1"}"#,
            #"{"token_type":"Bearer","expires_in":3599,"access_token":"SECRET","access_token":"SECRET"}"#,
            "SECRET", "[\"SECRET\"]", "",
        ]
    )
    func malformed(_ body: String) async throws {
        let scene = AzureScene()
        scene.azure.fail("/", count: 99, with: CloudAnswer(200, json: body))
        let tokens = try scene.tokens()
        let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains("SECRET") == false)
    }

    @Test("an endless answer is cut off")
    func endless() async throws {
        let scene = AzureScene()
        let body = "{\"access_token\":\"" + String(repeating: "a", count: 100_000) + "\"}"
        scene.azure.fail("/", count: 99, with: CloudAnswer(200, json: body))
        let tokens = try scene.tokens()
        let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
        #expect(error?.code == .malformed)
    }

    @Test("a file that is missing or holds no token is named, and nothing is sent")
    func files() async throws {
        for content in [nil, "", "two tokens", "a\u{0}b"] {
            let scene = AzureScene()
            scene.files.write(AzureScene.tokenFile, content)
            let tokens = try scene.tokens()
            let error = await #expect(throws: CloudError.self) { try await tokens.token(for: .vaults(of: .global)) }
            #expect(error?.code == .misconfigured)
            #expect(error?.message.contains(AzureScene.tokenFile) == true)
            #expect(scene.azure.requests.isEmpty)
        }
    }

    @Test("a token shows itself to nobody")
    func printing() async throws {
        let token = try await AzureScene().tokens().token(for: .vaults(of: .global))
        var dumped = ""
        dump(token, to: &dumped)
        #expect(!"\(token) \(String(reflecting: token)) \(dumped)".contains(token.text))
    }
}

/// Who this program is, by its environment.
struct AzureIdentityTests {
    private let full = AzureScene().environment

    private func identity(_ change: (inout [String: String]) -> Void) throws(CloudError) -> AzureIdentity {
        var environment = full
        change(&environment)
        return try AzureIdentity(environment: environment)
    }

    @Test("the environment of the webhook is a workload identity, any other the machine's")
    func kinds() throws {
        guard case .workload(let workload) = try identity({ _ in }) else {
            Issue.record("no workload identity")
            return
        }
        #expect(workload.authority.origin == "https://login.microsoftonline.com")
        #expect(try identity { $0["AZURE_AUTHORITY_HOST"] = nil } == .workload(workload))
        #expect(try AzureIdentity(environment: [:]) == .managed(ManagedIdentity(clientID: nil)))
        #expect(
            try AzureIdentity(environment: ["AZURE_CLIENT_ID": "abc"]) == .managed(ManagedIdentity(clientID: "abc"))
        )
    }

    @Test("half of a workload identity is an error, and no reason to be the machine")
    func half() throws {
        for name in ["AZURE_CLIENT_ID", "AZURE_TENANT_ID"] {
            let error = #expect(throws: CloudError.self) { try identity { $0[name] = nil } }
            #expect(error?.message.contains("\(name) is not") == true)
        }
    }

    @Test(
        "the service account's token is sent to Azure's identity services alone",
        arguments: [
            "https://login.microsoftonline.com.evil.example/", "https://evil.example/",
            "http://login.microsoftonline.com/",
            "https://login.microsoftonline.com:8443/", "http://login.microsoftonline.com:443/",
            "https://login.microsoftonline.com/evil/",
            "https://evil.example#login.microsoftonline.com", "https://login.microsoftonline.com@evil.example/",
            "login",
        ]
    )
    func authorities(_ text: String) {
        let error = #expect(throws: CloudError.self) { try identity { $0["AZURE_AUTHORITY_HOST"] = text } }
        #expect(error?.code == .misconfigured)
    }

    @Test(
        "the clouds have identity services of their own",
        arguments: [
            "https://login.microsoftonline.us", "https://login.partner.microsoftonline.cn/",
            "https://login.chinacloudapi.cn/",
        ]
    )
    func clouds(_ text: String) throws {
        guard case .workload = try identity({ $0["AZURE_AUTHORITY_HOST"] = text }) else {
            Issue.record("no workload identity")
            return
        }
    }

    @Test("identifiers cannot leave their place in a path", arguments: ["../x", "a/b", "a?b", "a b", ".."])
    func identifiers(_ text: String) {
        #expect(throws: CloudError.self) { try identity { $0["AZURE_TENANT_ID"] = text } }
        #expect(throws: CloudError.self) { try identity { $0["AZURE_CLIENT_ID"] = text } }
    }
}

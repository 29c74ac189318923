import EmbeddedClouds
import FoundationEssentials
import OutboundHTTP
import SigningTestKit
import Testing

@testable import CloudServices

/// What is read of a certificate in a vault.
struct KeyVaultClientTests {
    private func selfSigned(_ scene: AzureScene) throws -> TestChain {
        let chain = try TestChain.selfSigned()
        scene.put(chain)
        return chain
    }

    @Test("every enabled version is read, newest first, over pages; disabled ones are dropped")
    func versions() async throws {
        let scene = AzureScene()
        let chains = try (0..<5).map { _ in try TestChain.selfSigned() }
        for (index, chain) in chains.enumerated() {
            let version = String(repeating: "\(index)", count: 32)
            scene.put(chain, version, created: AzureScene.start + Int64(index)) { $0.isEnabled = index != 3 }
        }
        scene.azure.updateVault(AzureScene.vault) { $0.pageSize = 2 }
        let reading = try await scene.client().read(scene.certificate())
        #expect(reading.versions.map { $0.first } == ["4", "2", "1", "0"])
        #expect(reading.certificates == [4, 2, 1, 0].map { chains[$0].leaf.der })
        #expect(reading.notes == [])
        #expect(scene.vaultPaths.filter { $0.hasSuffix("/versions") }.count == 3)
        #expect(!scene.vaultPaths.contains { $0.contains("333") }, "what is disabled is not asked for")
    }

    @Test("a version that cannot be read brings nothing back that was disabled: it counts as it was, a new one not yet")
    func partly() async throws {
        let scene = AzureScene()
        let chains = try (0..<3).map { _ in try TestChain.selfSigned() }
        func put(_ index: Int) -> String {
            let version = String(repeating: "\(index)", count: 32)
            scene.put(chains[index], version, created: AzureScene.start + Int64(index))
            return version
        }
        let names = [put(0), put(1)]
        let client = try scene.client()
        let earlier = try await client.read(scene.certificate())
        #expect(earlier.versions == [names[1], names[0]])
        // The one is disabled, the other fails, and so does a new one.
        scene.azure.updateVault(AzureScene.vault) { $0.certificates["wabbit"]?[0].isEnabled = false }
        let new = put(2)
        for name in [names[1], new] { scene.azure.fail("/secrets/wabbit/\(name)", count: 100, with: CloudAnswer(500)) }
        let later = try await client.read(scene.certificate(), after: earlier)
        #expect(later.certificates == [chains[1].leaf.der])
        #expect(later.versions == [names[1]])
        let kinds = later.notes.map { note in
            switch note {
            case .versionKept(let version, _): "kept \(version.prefix(1))"
            case .versionUnread(let version, _): "unread \(version.prefix(1))"
            default: "\(note)"
            }
        }
        #expect(kinds == ["unread 2", "kept 1"])
        // Where only such a one is left, nothing counts, the disabled ones neither.
        scene.azure.updateVault(AzureScene.vault) { $0.certificates["wabbit"]?[1].isEnabled = false }
        let none = try await client.read(scene.certificate(), after: earlier)
        #expect(none.certificates.isEmpty && none.notes.count == 1)
        // Without an earlier reading nothing is known of them, which is an outage.
        let error = await #expect(throws: CloudError.self) { try await client.read(scene.certificate()) }
        #expect(error?.code == .serverError)
        // Which of named versions are enabled is not known where they cannot be read.
        await #expect(throws: CloudError.self) {
            try await client.read(scene.certificate([names[0], names[1]]), after: earlier)
        }
    }

    @Test("of a chain everything counts that can be an anchor: not the signer's own certificate")
    func chains() async throws {
        let scene = AzureScene()
        let chain = try TestChain.make()
        scene.put(chain)
        let reading = try await scene.client().read(scene.certificate())
        #expect(reading.certificates == chain.certificates.dropFirst().map(\.der))
    }

    @Test("named versions are read without a list; a disabled one does not count, and that is said")
    func pinned() async throws {
        let scene = AzureScene()
        let (first, second) = (try TestChain.selfSigned(), try TestChain.selfSigned())
        scene.put(first, AzureScene.first)
        scene.put(second, AzureScene.second) { $0.isEnabled = false }
        let both = try scene.certificate([AzureScene.first, AzureScene.second])
        let reading = try await scene.client().read(both)
        #expect(reading.certificates == [first.leaf.der])
        #expect(reading.notes == [.versionDisabled(AzureScene.second)])
        #expect(scene.vaultPaths == ["/secrets/wabbit/\(AzureScene.first)", "/secrets/wabbit/\(AzureScene.second)"])
    }

    @Test("where every version is disabled the certificate is, whether versions are named or not")
    func allDisabled() async throws {
        let scene = AzureScene()
        scene.put(try TestChain.selfSigned()) { $0.isEnabled = false }
        for versions in [[], [AzureScene.first]] {
            for readsSecrets in [true, false] {
                scene.azure.updateVault(AzureScene.vault) { $0.permissions.getSecrets = readsSecrets }
                let error = await #expect(throws: CloudError.self) {
                    try await scene.client().read(scene.certificate(versions))
                }
                #expect(error?.code == .disabled)
            }
        }
    }

    @Test(
        "where secrets are forbidden the certificate alone is read, and that is said",
        arguments: ["ForbiddenByRbac", "ForbiddenByPolicy"]
    )
    func secretsForbidden(_ code: String) async throws {
        let scene = AzureScene()
        let (first, second) = (try TestChain.selfSigned(), try TestChain.selfSigned())
        scene.put(first, AzureScene.first, created: 1)
        scene.put(second, AzureScene.second, created: 2)
        scene.azure.updateVault(AzureScene.vault) { vault in
            vault.permissions.getSecrets = false
            vault.permissions.listSecrets = false
            vault.permissions.code = code
        }
        let reading = try await scene.client().read(scene.certificate())
        #expect(reading.certificates == [second.leaf.der, first.leaf.der])
        #expect(reading.notes == [.secretsForbidden(code)])
        #expect(scene.vaultPaths.filter { $0.hasPrefix("/secrets/") }.count == 1, "a refusal is believed")
    }

    @Test("a certificate that a CA issued is no anchor by itself: the permission that is missing is named")
    func leafAlone() async throws {
        let scene = AzureScene()
        scene.put(try TestChain.make())
        scene.azure.updateVault(AzureScene.vault) { $0.permissions.getSecrets = false }
        let error = await #expect(throws: CloudError.self) { try await scene.client().read(scene.certificate()) }
        #expect(error?.code == .malformed)
        #expect(error?.message.contains("grant secrets/get for the chain") == true)
        #expect(error?.message.contains("neither a CA nor self-signed") == true)
    }

    @Test("where versions may not be listed as certificates they are as secrets, else the newest alone is read")
    func listForbidden() async throws {
        let scene = AzureScene()
        let (first, second) = (try TestChain.selfSigned(), try TestChain.selfSigned())
        scene.put(first, AzureScene.first, created: 1)
        scene.put(second, AzureScene.second, created: 2)
        scene.azure.updateVault(AzureScene.vault) { $0.permissions.listCertificates = false }
        #expect(try await scene.client().read(scene.certificate()).certificates.count == 2)
        scene.azure.updateVault(AzureScene.vault) { $0.permissions.listSecrets = false }
        let reading = try await scene.client().read(scene.certificate())
        #expect(reading.certificates == [second.leaf.der])
        #expect(reading.notes == [.newestOnly("ForbiddenByRbac")])
    }

    @Test("where nothing may be read the permission is named; a firewall is no permission")
    func forbidden() async throws {
        let scene = AzureScene()
        _ = try selfSigned(scene)
        scene.azure.updateVault(AzureScene.vault) { vault in
            vault.permissions.getSecrets = false
            vault.permissions.getCertificates = false
        }
        var error = await #expect(throws: CloudError.self) { try await scene.client().read(scene.certificate()) }
        #expect(error?.code == .forbidden)
        #expect(error?.message.contains("assign it Key Vault Certificate User") == true)
        scene.azure.updateVault(AzureScene.vault) { vault in
            vault.permissions = AzureVault.Permissions()
            vault.permissions.passesFirewall = false
        }
        error = await #expect(throws: CloudError.self) { try await scene.client().read(scene.certificate()) }
        #expect(error?.code == .firewall)
        #expect(error?.message.contains("firewall") == true)
    }

    @Test("a private key is not read, and that the vault hands it out is said")
    func privateKeys() async throws {
        for order in [true, false] {
            let scene = AzureScene()
            let chain = try TestChain.selfSigned()
            let key = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"
            scene.put(chain) { version in
                if order { version.keyPEM = key } else { version.chainPEM += key }
            }
            let reading = try await scene.client().read(scene.certificate())
            #expect(reading.certificates == [chain.leaf.der])
            #expect(reading.notes == [.privateKeyReturned])
            #expect(!"\(reading)".contains("c2VjcmV0"))
        }
    }

    @Test("a key is none of the certificates' text, wherever its first line begins")
    func privateKeyLines() {
        for mark in ["-----BEGIN PRIVATE KEY-----", " -----BEGIN RSA PRIVATE KEY-----", "x PRIVATE KEY"] {
            let blocks = PEMBlocks("-----BEGIN CERTIFICATE-----\nMIIB\n\(mark)\nc2VjcmV0\n-----END CERTIFICATE-----\n")
            #expect(blocks.hasPrivateKey)
            #expect(String(decoding: blocks.certificates, as: UTF8.self) == "-----BEGIN CERTIFICATE-----\nMIIB\n")
        }
    }

    @Test("a PKCS #12 secret is converted by the vault; where it cannot, the certificate alone is read")
    func packed() async throws {
        let scene = AzureScene()
        let chain = try TestChain.selfSigned()
        scene.put(chain) { $0.contentType = "application/x-pkcs12" }
        var reading = try await scene.client().read(scene.certificate())
        #expect(reading.certificates == [chain.leaf.der])
        #expect(reading.notes == [])
        scene.azure.updateVault(AzureScene.vault) { $0.converts = false }
        reading = try await scene.client().read(scene.certificate())
        #expect(reading.certificates == [chain.leaf.der])
        #expect(reading.notes == [.chainPacked])
    }

    @Test("a secret of another kind is refused, and not shown")
    func otherSecrets() async throws {
        for (type, text) in [("text/plain", "hunter2"), ("application/x-pem-file", "hunter2")] {
            let scene = AzureScene()
            scene.put(try TestChain.selfSigned()) { version in
                version.contentType = type
                version.chainPEM = text
            }
            let error = await #expect(throws: CloudError.self) { try await scene.client().read(scene.certificate()) }
            #expect(error?.code == .malformed)
            #expect(error?.message.contains("hunter2") == false)
        }
    }

    @Test("a certificate that does not exist is not found")
    func missing() async throws {
        let scene = AzureScene()
        scene.azure.updateVault(AzureScene.vault) { _ in }
        for versions in [[], [AzureScene.first]] {
            let error = await #expect(throws: CloudError.self) {
                try await scene.client().read(scene.certificate(versions))
            }
            #expect(error?.code == .notFound)
        }
    }

    @Test("of more versions than are read the newest count, and that is said")
    func many() async throws {
        let scene = AzureScene()
        let chain = try TestChain.selfSigned()
        for index in 0..<18 {
            let name = String(repeating: "0", count: 30) + (index < 10 ? "0" : "") + "\(index)"
            scene.put(chain, name, created: Int64(index))
        }
        let reading = try await scene.client().read(scene.certificate())
        #expect(reading.versions.count == 16)
        #expect(reading.versions.last?.hasSuffix("02") == true)
        #expect(reading.notes == [.versionsLeftOut(2)])
    }

    @Test("a token that the vault refuses is replaced once; a vault of another tenant says so")
    func refusedToken() async throws {
        let scene = AzureScene()
        _ = try selfSigned(scene)
        let client = try scene.client()
        _ = try await client.read(scene.certificate())
        scene.azure.revokeTokens()
        _ = try await client.read(scene.certificate())
        #expect(scene.azure.requests.filter { $0.host == "login.microsoftonline.com" }.count == 2)
        let challenge = #"Bearer authorization="https://login.microsoftonline.com/other-tenant", resource="x""#
        let answer = CloudAnswer(401, headers: ["www-authenticate": challenge])
        scene.azure.fail("/certificates", count: 9, with: answer)
        let error = await #expect(throws: CloudError.self) { try await client.read(scene.certificate()) }
        #expect(error?.code == .unauthorized)
        #expect(error?.message.contains("takes those of tenant other-tenant") == true)
        #expect(error?.message.contains(scene.settings.tenant) == true)
    }

    @Test("a vault that is throttled or fails is asked again, and then is an outage", arguments: [429, 500, 503])
    func outage(_ status: Int) async throws {
        let scene = AzureScene()
        _ = try selfSigned(scene)
        scene.azure.fail("/certificates", count: 2, with: CloudAnswer(status, headers: ["retry-after": "2"]))
        _ = try await scene.client().read(scene.certificate())
        scene.azure.fail("/certificates", count: 99, with: CloudAnswer(status, headers: ["retry-after": "120"]))
        let error = await #expect(throws: CloudError.self) { try await scene.client().read(scene.certificate()) }
        #expect(error?.isTransient == true)
        #expect(error?.retryAfter == .seconds(120))
    }

    @Test("no error and no reading shows a token")
    func secrets() async throws {
        let scene = AzureScene()
        _ = try selfSigned(scene)
        let client = try scene.client()
        var texts = ["\(try await client.read(scene.certificate()))"]
        for status in [301, 400, 401, 403, 404, 418, 429, 500] {
            scene.azure.fail("/", count: 99, with: CloudAnswer(status, json: scene.azure.tokens.joined()))
            do { _ = try await client.read(scene.certificate()) } catch { texts.append("\(error)") }
            scene.azure.heal()
        }
        for token in scene.azure.tokens { #expect(!texts.contains { $0.contains(token) }) }
        #expect(texts.count == 9)
    }
}

/// Vaults that want something of who reads them.
struct HostileVaultTests {
    private func failure(_ path: String, _ answer: CloudAnswer) async throws -> (CloudError?, AzureScene) {
        let scene = AzureScene()
        scene.put(try TestChain.selfSigned())
        scene.azure.fail(path, count: 99, with: answer)
        let error = await #expect(throws: CloudError.self) { try await scene.client().read(scene.certificate()) }
        return (error, scene)
    }

    @Test(
        "a list that goes on elsewhere is not followed: the token stays with the vault",
        arguments: [
            "https://evil.vault.azure.net/certificates/wabbit/versions?x=1",
            "https://evil.example/certificates/wabbit/versions",
            "http://shop.vault.azure.net/certificates/wabbit/versions?x=1",
            "https://shop.vault.azure.net:8443/certificates/wabbit/versions",
            "https://shop.vault.azure.net/certificates/other/versions",
            "https://shop.vault.azure.net/secrets/wabbit/versions",
            "//evil.example/", "/certificates/wabbit/versions", "https://shop.vault.azure.net@evil.example/",
        ]
    )
    func links(_ link: String) async throws {
        let (error, scene) = try await failure(
            "/certificates/wabbit/versions",
            CloudAnswer(200, json: #"{"value":[],"nextLink":"\#(link)"}"#)
        )
        #expect(error?.code == .malformed)
        #expect(error?.message.contains("further page elsewhere") == true)
        #expect(Set(scene.azure.requests.map(\.host)) == ["login.microsoftonline.com", AzureScene.vault])
        #expect(scene.vaultPaths.count == 1)
    }

    @Test("a list without an end is left after twenty pages")
    func endlessList() async throws {
        let link = "https://shop.vault.azure.net:443/certificates/wabbit/versions?page=1"
        let (error, scene) = try await failure(
            "/certificates/wabbit/versions",
            CloudAnswer(200, json: #"{"value":[],"nextLink":"\#(link)"}"#)
        )
        #expect(error?.message.contains("more versions than are read") == true)
        #expect(scene.vaultPaths.count == 20)
    }

    @Test(
        "a list of other things is refused",
        arguments: [
            "https://evil.example/certificates/wabbit/002ade539442463aba45c0efb42e3e84",
            "https://shop.vault.azure.net/certificates/other/002ade539442463aba45c0efb42e3e84",
            "https://shop.vault.azure.net/secrets/wabbit/002ade539442463aba45c0efb42e3e84",
            "https://shop.vault.azure.net/certificates/wabbit/../../x",
            "https://shop.vault.azure.net/certificates/wabbit/short",
        ]
    )
    func identifiers(_ id: String) async throws {
        let (error, _) = try await failure(
            "/certificates/wabbit/versions",
            CloudAnswer(200, json: #"{"value":[{"id":"\#(id)","attributes":{"enabled":true}}]}"#)
        )
        #expect(error?.message.contains("something else than was asked for") == true)
    }

    @Test("another object than was asked for is refused")
    func otherObject() async throws {
        let id = "https://shop.vault.azure.net/secrets/wabbit/\(AzureScene.second)"
        let (error, _) = try await failure(
            "/secrets/wabbit/",
            CloudAnswer(200, json: #"{"value":"x","contentType":"application/x-pem-file","id":"\#(id)"}"#)
        )
        #expect(error?.message.contains("another object") == true)
    }

    @Test("redirects are not followed", arguments: [301, 302, 307, 308])
    func redirects(_ status: Int) async throws {
        let (error, scene) = try await failure(
            "/certificates",
            CloudAnswer(status, headers: ["location": "https://evil.example/"])
        )
        #expect(error?.code == .malformed)
        #expect(Set(scene.azure.requests.map(\.host)) == ["login.microsoftonline.com", AzureScene.vault])
    }

    @Test(
        "what is no list or too large is refused",
        arguments: [
            "", "[]", "{}", #"{"value":{}}"#, #"{"value":[1]}"#,
            "{\"value\":\"" + String(repeating: "a", count: 300_000) + "\"}",
        ]
    )
    func nonsense(_ body: String) async throws {
        let (error, _) = try await failure("/certificates/wabbit/versions", CloudAnswer(200, json: body))
        #expect(error?.code == .malformed)
    }
}

/// Which hosts are given a token.
struct AzureAccessTests {
    @Test(
        "the vaults of the clouds are known by their domains",
        arguments: [
            ("https://shop.vault.azure.net", "https://vault.azure.net"),
            ("https://SHOP.vault.azure.net/", "https://vault.azure.net"),
            ("https://shop.vault.azure.net:443", "https://vault.azure.net"),
            ("https://shop.vault.azure.cn", "https://vault.azure.cn"),
            ("https://shop.vault.usgovcloudapi.net", "https://vault.usgovcloudapi.net"),
        ]
    )
    func vaults(_ uri: String, _ resource: String) throws {
        #expect(try KeyVaultCertificate(vaultURI: uri, name: "a").resource.identifier == resource)
    }

    @Test(
        "no other host is one",
        arguments: [
            "http://shop.vault.azure.net", "https://vault.azure.net", "https://shop.vault.azure.net.evil.example",
            "https://shopvault.azure.net", "https://evil.example/shop.vault.azure.net", "https://a.b.vault.azure.net",
            "https://shop.vault.azure.net:8443", "https://shop.vault.azure.net/path",
            "https://shop.vault.azure.net?x=1",
            "https://shop.vault.azure.net@evil.example", "https://evil.example#.vault.azure.net",
            "shop.vault.azure.net",
            "https://169.254.169.254", "https://.vault.azure.net", "https://shop.managedhsm.azure.net", "",
        ]
    )
    func others(_ uri: String) {
        let error = #expect(throws: CloudError.self) { try KeyVaultCertificate(vaultURI: uri, name: "a") }
        #expect(error?.code == .misconfigured)
    }

    @Test("a host that the operator names is one, at its port, over https")
    func additional() throws {
        let access = AzureAccess(additionalHosts: ["127.0.0.1:8443", "vault.example.internal"])
        for uri in ["https://127.0.0.1:8443", "https://vault.example.internal/"] {
            _ = try KeyVaultCertificate(vaultURI: uri, name: "a", access: access)
        }
        for uri in ["https://127.0.0.1:8444", "http://127.0.0.1:8443", "https://vault.example.internal:8443"] {
            #expect(throws: CloudError.self) { try KeyVaultCertificate(vaultURI: uri, name: "a", access: access) }
        }
        #expect(AzureAccess.host("Vault.Example.internal:443") == "vault.example.internal")
        #expect(AzureAccess.host("https://vault.example.internal") == nil)
        #expect(AzureAccess.host("a/b") == nil)
    }

    @Test("names and versions that could leave their place in a path are refused")
    func names() {
        for name in ["", "a/b", "..", "a b", "a?b", String(repeating: "a", count: 128)] {
            #expect(throws: CloudError.self) {
                try KeyVaultCertificate(vaultURI: "https://a.vault.azure.net", name: name)
            }
        }
        for version in ["", "..", "002ADE539442463ABA45C0EFB42E3E84", "002ade539442463aba45c0efb42e3e8g"] {
            #expect(throws: CloudError.self) {
                try KeyVaultCertificate(vaultURI: "https://a.vault.azure.net", name: "a", versions: [version])
            }
        }
    }
}

import CloudServices
import FoundationEssentials
import JSONModel
import SigningTestKit
import Testing
import TrustResources

@testable import VigilCommand

@Suite("policies that take certificates from a vault, on the command line")
struct PolicyVaultsTests {
    private static let source = KeyVaultSource(vaultURI: "https://shop.vault.azure.net", name: "wabbit")
    private static let reference = "azureKeyVault: {vaultURI: \"https://shop.vault.azure.net\", name: wabbit}"
    private let folder: TemporaryFolder
    private let registry = ImagesInMemory()
    private let chain: TestChain

    init() throws {
        folder = try TemporaryFolder()
        chain = try TestChain.make()
        try registry.push("r.example/shop/web:v1", signedBy: [chain])
        try folder.write("policy.yaml", PolicyText.referring(Self.reference))
        try folder.write("own.yaml", Self.namespaced)
    }

    private static let namespaced = """
        apiVersion: vigil.dev/v1alpha1
        kind: TrustPolicy
        metadata: {name: shop}
        spec:
          authorities:
          - name: release
            notary:
              trustedIdentities: ["*"]
              trustStores:
              - {type: ca, certificates: {\(reference)}}

        """

    private func surroundings(_ lookup: CertificateLookup?) -> CommandRun.Surroundings {
        var surroundings = CommandRun.Surroundings()
        surroundings.registry = registry
        if let lookup { surroundings.vaults.lookups[Self.source] = lookup }
        return surroundings
    }

    private var found: CertificateLookup { .found(Array(chain.root.pem.utf8)) }

    @Test("vigil verify reads the vault", arguments: ["policy.yaml", "own.yaml"])
    func verify(_ file: String) async throws {
        let run = await CommandRun(
            ["verify", "r.example/shop/web:v1", "--policy", "\(folder.path)/\(file)"],
            in: surroundings(found)
        )
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("Verified"))
    }

    @Test("what people should know about the vault is a warning")
    func warnings() async throws {
        let remarks = CertificateRemarks(warnings: ["secrets may not be read (ForbiddenByRbac)"])
        let run = await CommandRun(
            ["verify", "r.example/shop/web:v1", "--policy", "\(folder.path)/policy.yaml"],
            in: surroundings(.found(Array(chain.root.pem.utf8), remarks))
        )
        #expect(run.status == 0)
        #expect(run.errors.contains("warning: ") && run.errors.contains("secrets may not be read (ForbiddenByRbac)"))
    }

    @Test("a vault that cannot be read is said, with the policy and why, and nothing is judged")
    func unreadable() async throws {
        for lookup in [nil, CertificateLookup.refused("has no enabled version")] {
            let run = await CommandRun(
                ["verify", "r.example/shop/web:v1", "--policy", "\(folder.path)/policy.yaml"],
                in: surroundings(lookup)
            )
            #expect(run.status == 2)
            #expect(run.output.isEmpty)
            #expect(run.errors.contains("certificate wabbit of https://shop.vault.azure.net"))
            let why = lookup == nil ? "there is no identity to ask Azure with" : "has no enabled version"
            #expect(run.errors.contains(why), "\(run.errors)")
        }
        #expect(registry.asked.isEmpty)
    }

    @Test(
        "a bundle holds what the vault held, so that no vault is asked again",
        arguments: ["policy.yaml", "own.yaml"]
    )
    func bundles(_ file: String) async throws {
        let bundle = "\(folder.path)/out.tar"
        let recorded = await CommandRun(
            ["explain", "r.example/shop/web:v1", "--bundle", bundle, "--policy", "\(folder.path)/\(file)"],
            in: surroundings(found)
        )
        #expect(recorded.status == 0, "\(recorded.output)\(recorded.errors)")
        let replayed = await CommandRun(["verify", "--bundle", bundle], in: CommandRun.Surroundings())
        #expect(replayed.status == 0, "\(replayed.output)\(replayed.errors)")
        #expect(replayed.output.contains("the same verdict was recorded"))
    }

    @Test("vigil policy check asks no vault, and says that the certificates were not seen")
    func check() async throws {
        let run = await CommandRun(["policy", "check", "\(folder.path)/policy.yaml"], in: surroundings(nil))
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("anchorsUnseen"))
        #expect(run.output.contains("is in a vault, which is not asked here"))
        #expect(!run.output.contains("vaultHost"))
    }

    @Test("vigil policy check warns of a vault that is none of Azure's")
    func foreignHost() async throws {
        try folder.write(
            "policy.yaml",
            PolicyText.referring("azureKeyVault: {vaultURI: \"https://vault.example.com\", name: wabbit}")
        )
        let run = await CommandRun(["policy", "check", "\(folder.path)/policy.yaml"], in: surroundings(nil))
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("vaultHost"))
        #expect(run.output.contains("no token is sent there"))
    }

    @Test(
        "what no vault can be called is refused by the schema",
        arguments: [
            #"{vaultURI: "http://shop.vault.azure.net", name: wabbit}"#,
            #"{vaultURI: "https://shop.vault.azure.net/x", name: wabbit}"#,
            #"{vaultURI: "https://shop.vault.azure.net", name: a/b}"#,
            #"{vaultURI: "https://shop.vault.azure.net", name: a, versions: [latest]}"#,
            #"{vaultURI: "https://shop.vault.azure.net", name: a, versions: []}"#,
            #"{vaultURI: "https://shop.vault.azure.net", name: a, tenant: b}"#, #"{name: a}"#,
        ]
    )
    func schema(_ text: String) async throws {
        try folder.write("policy.yaml", PolicyText.referring("azureKeyVault: \(text)"))
        let run = await CommandRun(["policy", "check", "\(folder.path)/policy.yaml"], in: surroundings(nil))
        #expect(run.status == 1 || run.status == 2, "\(run.output)")
        #expect(run.output.contains("[schema]"), "\(run.output)")
    }

    @Test("a host that is counted as Azure's is one")
    func allowedHosts() throws {
        #expect(
            try VaultOptions.access(["Vault.Example.internal", "127.0.0.1:8443"]).additionalHosts == [
                "vault.example.internal", "127.0.0.1:8443",
            ]
        )
        for text in ["https://x", "a/b", "", "a b", "user@host"] {
            #expect(throws: InputError.self) { try VaultOptions.access([text]) }
        }
    }
}

import ImageTrust
import OCIModel
import SigningTestKit
import Testing
import TrustModel

@testable import VigilCommand

@Suite("Configuration folder of notation")
struct NotationFolderTests {
    private static func document(_ statements: String...) -> String {
        #"{"version": "1.0", "trustPolicies": [\#(statements.joined(separator: ", "))]}"#
    }

    private static func statement(_ name: String, scope: String, store: String = "ca:main") -> String {
        """
        {"name": "\(name)", "registryScopes": ["\(scope)"], "signatureVerification": {"level": "strict"},
         "trustStores": ["\(store)"], "trustedIdentities": ["*"]}
        """
    }

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.write("trustpolicy.json", Self.document(Self.statement("all", scope: "*")))
        try folder.write("truststore/x509/ca/main/root.pem", try TestChain.make().root.pem)
        return folder
    }

    private func names(_ folder: TemporaryFolder, _ repository: String = "r.example/x") throws -> [String] {
        var notation = try NotationFolder(folder.path)
        return try notation.policies(for: try RepositoryName(repository), in: nil).map(\.policy.name.description)
    }

    private func message(_ folder: TemporaryFolder, _ repository: String = "r.example/x") -> String {
        do {
            return "read \(try names(folder, repository))"
        } catch {
            return "\(error)".replacing(folder.path, with: "DIR")
        }
    }

    @Test("the statement for * speaks for every repository")
    func everything() throws {
        #expect(try names(try folder()) == ["notation/all"])
    }

    @Test("the exact statement wins over *, prefixes count for nothing, and without either nobody speaks")
    func selection() throws {
        let folder = try folder()
        try folder.write(
            "trustpolicy.json",
            Self.document(Self.statement("web", scope: "r.example/shop/web"), Self.statement("all", scope: "*"))
        )
        #expect(try names(folder, "r.example/shop/web") == ["notation/web"])
        #expect(try names(folder, "r.example/shop/web2") == ["notation/all"])
        #expect(try names(folder, "r.example/shop") == ["notation/all"])
        try folder.write("trustpolicy.json", Self.document(Self.statement("web", scope: "r.example/shop/web")))
        #expect(try names(folder, "r.example/other").isEmpty)
        var notation = try NotationFolder(folder.path)
        #expect(try notation.policies(for: nil, in: nil).isEmpty)
    }

    @Test(
        "names are compared as they are written, though the repository is the same",
        arguments: [
            ("index.docker.io/acme/app:v1", "index"), ("docker.io/acme/app:v1", "hub"), ("acme/app", "hub"),
            ("docker.io/nginx", "short"), ("docker.io/library/nginx", "all"), ("nginx", "all"),
            ("registry-1.docker.io/acme/app", "all"),
        ]
    )
    func written(text: String, statement: String) throws {
        let folder = try folder()
        try folder.write(
            "trustpolicy.json",
            Self.document(
                Self.statement("index", scope: "index.docker.io/acme/app"),
                Self.statement("hub", scope: "docker.io/acme/app"),
                Self.statement("short", scope: "docker.io/nginx"),
                Self.statement("all", scope: "*")
            )
        )
        var notation = try NotationFolder(folder.path)
        var plan = VerificationPlan(keepsSilences: true)
        try plan.add(text, policies: &notation)
        let target = try #require(plan.targets.first)
        #expect(target.policies.map(\.policy.name.name) == [statement])
        #expect(target.silences.count == 3 && !target.silences.contains { $0.policy.name == statement })
        for silence in target.silences {
            let isForAll = silence.policy.name == "all"
            let words =
                isForAll ? "the statement \(statement) names the repository itself" : "and the image is written "
            #expect(silence.cause.contains(words), "\(silence.cause)")
        }
    }

    @Test("a folder with both files is refused: not every notation reads the same one")
    func bothFiles() throws {
        let folder = try folder()
        try folder.write("trustpolicy.oci.json", Self.document(Self.statement("oci", scope: "*")))
        try folder.write("trustpolicy.json", Self.document(Self.statement("oci", scope: "*")))
        #expect(message(folder).hasPrefix("DIR: holds both trustpolicy.oci.json and trustpolicy.json"))
    }

    @Test("a trust store that no image needs may be broken")
    func unneededStore() throws {
        let folder = try folder()
        try folder.write(
            "trustpolicy.json",
            Self.document(
                Self.statement("web", scope: "r.example/web"),
                Self.statement("other", scope: "r.example/o", store: "ca:none")
            )
        )
        #expect(try names(folder, "r.example/web") == ["notation/web"])
        #expect(message(folder, "r.example/o").hasPrefix("DIR/truststore/x509/ca/none: there is no such trust store"))
    }

    @Test("a folder without a policy, and one that is none, are refused")
    func missing() throws {
        let folder = try TemporaryFolder()
        #expect(message(folder).hasPrefix("DIR: holds no trust policy; create trustpolicy.oci.json there"))
        #expect(throws: InputError.self) { try NotationFolder(folder.path + "/nowhere") }
    }

    @Test("a policy document that is a symbolic link or a folder is refused")
    func irregularPolicy() throws {
        let folder = try folder()
        try folder.link("trustpolicy.oci.json", to: "trustpolicy.json")
        #expect(
            message(folder) == "DIR/trustpolicy.oci.json: is a symbolic link; a trust policy must be a regular file"
        )
        let other = try TemporaryFolder()
        try other.makeFolder("trustpolicy.json")
        #expect(message(other) == "DIR/trustpolicy.json: is no regular file, as a trust policy must be")
    }

    @Test("a policy document that breaks a rule is refused with its field")
    func invalidPolicy() throws {
        let folder = try folder()
        try folder.write(
            "trustpolicy.json",
            #"{"version": "1.0", "trustPolicies": [{"name": "a", "registryscopes": ["*"]}]}"#
        )
        #expect(
            message(folder).hasPrefix(
                "DIR/trustpolicy.json, trustPolicies[0].registryscopes: the member \"registryscopes\" is not defined (did you "
                    + "mean registryScopes?)"
            )
        )
    }

    @Test("everything in a trust store has to be a regular file of certificates that may anchor trust")
    func irregularStores() throws {
        let store = "truststore/x509/ca/main"
        func folder(_ change: (TemporaryFolder) throws -> Void) throws -> String {
            let folder = try self.folder()
            try change(folder)
            return message(folder)
        }
        #expect(
            try folder { try $0.link("\(store)/x.pem", to: "root.pem") }.hasPrefix(
                "DIR/\(store)/x.pem: is a symbolic link"
            )
        )
        #expect(try folder { try $0.makeFolder("\(store)/sub") }.hasPrefix("DIR/\(store)/sub: is a folder"))
        #expect(try folder { try $0.write("\(store)/x.pem", "hello") }.hasPrefix("DIR/\(store)/x.pem: "))
        #expect(try folder { try $0.write("\(store)/x.pem", "") }.hasPrefix("DIR/\(store)/x.pem: "))
        let leaf = try TestChain.make().leaf
        #expect(try folder { try $0.write("\(store)/leaf.der", leaf.der) }.contains("neither a CA nor self-signed"))
        #expect(
            try folder { try $0.write("\(store)/big.pem", [UInt8](repeating: 10, count: 2 << 20)) }.contains(
                "is larger than"
            )
        )
    }

    @Test("an empty trust store, and one that is a link, are refused")
    func storeFolders() throws {
        let folder = try folder()
        try folder.write("trustpolicy.json", Self.document(Self.statement("all", scope: "*", store: "ca:other")))
        try folder.makeFolder("truststore/x509/ca/other")
        #expect(message(folder) == "DIR/truststore/x509/ca/other: this trust store is empty; put certificates there")
        try folder.write("trustpolicy.json", Self.document(Self.statement("all", scope: "*", store: "ca:linked")))
        try folder.link("truststore/x509/ca/linked", to: "main")
        #expect(message(folder) == "DIR/truststore/x509/ca/linked: is a symbolic link; a trust store must be a folder")
    }

    @Test("DER and PEM files of one store are read together")
    func formats() throws {
        let folder = try folder()
        try folder.write("truststore/x509/ca/main/b.crt", try TestChain.make(number: 1).root.der)
        #expect(try names(folder) == ["notation/all"])
    }
}

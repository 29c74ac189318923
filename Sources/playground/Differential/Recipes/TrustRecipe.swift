import OCIModel
import SigningTestKit

/// A trust policy with its trust stores.
struct TrustRecipe: Sendable {
    /// A trust store and what is in it.
    struct Store: Sendable {
        var kind = "ca"
        var name = "good"
        var content = Content.root
    }

    /// What a trust store holds.
    enum Content: Sendable {
        /// The root of the first signature's chain.
        case root
        /// The certificate that issued the leaf.
        case issuer
        /// The leaf itself.
        case leaf
        /// The roots of the time-stamping authorities.
        case clocks
        /// A root that has nothing to do with the signature.
        case stranger
        /// A root of the same name and key as the signature's, but another certificate.
        case reissuedRoot
        /// A stranger's certificate and the root in one file.
        case strangerAndRoot
        /// The root beside a certificate of a key of no known kind.
        case unknownKeyAndRoot
        /// The root beside a certificate of an EC key on a curve that nobody knows.
        case unknownCurveAndRoot
        /// The root beside a certificate of an Ed25519 key that lacks a byte.
        case shortKeyAndRoot
        /// The root as PEM among other text.
        case textAroundRoot
        /// The root as PEM beside a private key.
        case keyBesideRoot
        /// The root as PEM with Windows line ends.
        case rootWithCarriageReturns
        /// The root as PEM, cut off.
        case rootCutOff
        /// The root as DER, with a byte after it.
        case derRootAndMore
        /// The root, twice in one file.
        case rootTwice
        /// The folder's only entry is a symbolic link to the root.
        case linkToRoot
        /// The root as DER.
        case derRoot
        /// The folder is there and empty.
        case empty
        /// There is no such folder.
        case missing
        /// A file that holds no certificate.
        case rubbish
        /// The root, and a folder beside it.
        case rootBesideFolder
    }

    /// The trust stores; those of the policy unless `references` says otherwise.
    var stores = [Store()]
    var level = "strict"
    /// Actions of single checks.
    var overrides: [String: String] = [:]
    /// What the policy names, if not exactly ``stores``.
    var references: [String]?
    var identities = ["*"]
    /// `REPOSITORY` stands for the repository of the cases.
    var scopes = ["*"]
    var verifyTimestamp: String?
    /// Further statements, as JSON text that ends in a comma.
    var statementsBefore = ""
    /// Changes the finished document.
    var document: (@Sendable (String) -> String)?
    /// The name of the policy file: notation 1.x knows no other.
    var file = "trustpolicy.json"
    /// Which of the signatures the trust stores are filled for.
    var anchoredSignature = 0

    /// The document, for a repository.
    func text(repository: String) -> String {
        let references = references ?? stores.map { "\($0.kind):\($0.name)" }
        var verification = ["\"level\": \(Self.quoted(level))"]
        if !overrides.isEmpty {
            let members = overrides.sorted { $0.key < $1.key }.map {
                "\(Self.quoted($0.key)): \(Self.quoted($0.value))"
            }
            verification.append("\"override\": {\(members.joined(separator: ", "))}")
        }
        if let verifyTimestamp { verification.append("\"verifyTimestamp\": \(Self.quoted(verifyTimestamp))") }
        let trust =
            level == "skip" && references.isEmpty && identities.isEmpty
            ? ""
            : """
            ,
               "trustStores": \(Self.list(references)),
               "trustedIdentities": \(Self.list(identities))
            """
        let text = """
            {"version": "1.0", "trustPolicies": [\(statementsBefore)
              {"name": "differential",
               "registryScopes": \(Self.list(scopes)),
               "signatureVerification": {\(verification.joined(separator: ", "))}\(trust)}]}
            """
        return (document?(text) ?? text).replacing("REPOSITORY", with: repository)
    }

    private static func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ", "))]" }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

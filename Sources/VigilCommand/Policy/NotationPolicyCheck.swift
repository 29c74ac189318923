import FoundationEssentials
import JSONModel
import NotaryVerification
import TrustModel

/// The check of one trust policy document of notation, with the trust stores beside it.
struct NotationPolicyCheck {
    let file: NotationPolicyFile
    let now: Date
    /// What was found.
    private(set) var remarks: [PolicyRemark] = []
    /// How many statements were looked at.
    private(set) var policies = 0
    private var places = SourcePlaces("")

    init(file: NotationPolicyFile, now: Date) {
        self.file = file
        self.now = now
    }

    mutating func run() {
        let bytes = file.file.bytes
        do throws(JSONError) {
            let document = try JSONParser().parse(bytes)
            policies = document["trustPolicies"]?.array?.count ?? 0
            // Only now: YAML that is no JSON could stand for far more than it says.
            places = SourcePlaces(String(decoding: bytes, as: UTF8.self))
        } catch {
            let text = String(decoding: bytes, as: UTF8.self)
            let site = DocumentReader.site(of: error.offset, in: text, file.file.name)
            let message = "is no valid JSON: \(error)"
            remarks.append(PolicyRemark(severity: .error, rule: "syntax", site: site, message: message))
            return
        }
        let examination = NotationConfiguration.examine(bytes, as: file.kind)
        for problem in examination.problems {
            add(.error, problem.code.rawValue, problem.field, problem.message, policy: nil)
        }
        for (index, statement) in examination.statements.sorted(by: { $0.key < $1.key }) {
            check(statement, field: "trustPolicies[\(index)]")
        }
    }

    private mutating func add(
        _ severity: PolicyRemark.Severity,
        _ rule: String,
        _ field: String,
        _ message: String,
        policy: String?
    ) {
        let place = places.place(of: field, inDocument: 1)
        let site = InputError.Site(file: file.file.name, line: place?.line, column: place?.column, field: field)
        remarks.append(PolicyRemark(severity: severity, rule: rule, site: site, policy: policy, message: message))
    }

    // MARK: - One statement

    private mutating func check(_ statement: NotationPolicyStatement, field: String) {
        var stores: [TrustStore] = []
        for reference in statement.trustStores {
            stores.append(store(reference, statement, field: "\(field).trustStores"))
        }
        let cautions = TrustCaution.all(
            in: statement.trust(stores: stores),
            isTimestampVerificationWritten: statement.isTimestampVerificationWritten,
            now: now
        )
        for caution in cautions {
            add(
                .warning,
                caution.code.rawValue,
                Self.path(caution.place, statement, field: field),
                caution.message,
                policy: statement.name
            )
        }
    }

    /// The store; without certificates where it cannot be read, which is said.
    private mutating func store(
        _ reference: NotationPolicyStatement.StoreReference,
        _ statement: NotationPolicyStatement,
        field: String
    ) -> TrustStore {
        let empty = TrustStore(kind: reference.kind, name: reference.name, certificates: [])
        guard let folder = file.stores else {
            let message =
                "the certificates of \(reference) are not looked at: there is no folder truststore beside the document"
            add(.warning, "anchorsUnseen", field, message, policy: statement.name)
            return empty
        }
        do throws(InputError) {
            return try NotationTrustStore.read(reference, in: folder, neededBy: statement.name)
        } catch {
            add(.error, "trustStoreUnusable", field, error.message, policy: statement.name)
            return empty
        }
    }

    private static func path(
        _ place: TrustCaution.Place,
        _ statement: NotationPolicyStatement,
        field: String
    ) -> String {
        switch place {
        case .trust: field
        case .level: "\(field).signatureVerification.level"
        case .override(let check): "\(field).signatureVerification.override.\(check.rawValue)"
        case .verifyTimestamp: "\(field).signatureVerification.verifyTimestamp"
        case .identities: "\(field).trustedIdentities"
        // A repeated store is read once, so its place in the document is not known.
        case .store: "\(field).trustStores"
        }
    }
}

import FoundationEssentials
import ImageTrust
import JSONModel
import NotaryVerification
import OCIModel

/// What a registry holds about an image, written as a tree for people or as JSON for programs.
///
/// For programs:
/// ```
/// image, repository, digest, mediaType, size
/// signatures: [{digest, artifactType, mediaType, size, annotations, envelopeType, scheme, algorithm, signedAt, expiresAt,
///               plugin, pluginMinVersion, extendedAttributes: [{name, critical}], signingAgent,
///               timestamp: {time, accuracySeconds, certificates: […], problem},
///               certificates: [{subject, issuer, notBefore, notAfter, fingerprint}],
///               target: {mediaType, digest, size}, userMetadata: {}, problem}]
/// attachments: [{digest, artifactType, mediaType, size, annotations}]
/// unseenSignatures
/// ```
/// Every member is always there; what is not known is `null`. Dates are RFC 3339 in UTC, to the second.
struct AttachmentList: Sendable {
    let image: ImageReference
    let attachments: ImageAttachments

    private var name: String { "\(image.repository)@\(attachments.subject.digest)" }

    // MARK: - Tree

    /// The tree, ending in a line break.
    var tree: String {
        var branches: [TextTree] = []
        if !attachments.signatures.isEmpty {
            branches.append(
                TextTree(MediaType.notarySignature.rawValue, attachments.signatures.map(Self.tree(of:)))
            )
        }
        for type in types { branches.append(TextTree(type, others(type).map(Self.tree(of:)))) }
        if attachments.unseen > 0 {
            branches.append(
                TextTree("\(attachments.unseen) more signatures were not looked at; see --max-signatures")
            )
        }
        if branches.isEmpty { branches.append(TextTree("nothing is attached")) }
        let kind = attachments.subject.mediaType.isIndex ? " (index)" : ""
        return TextTree("\(name)\(kind)", branches).text
    }

    /// The artifact types of everything but signatures, each once, in the order of the registry.
    private var types: [String] {
        var seen: Set<String> = []
        return attachments.others.map(Self.type).filter { seen.insert($0).inserted }
    }

    private static func type(_ descriptor: Descriptor) -> String { descriptor.artifactType?.rawValue ?? "(no type)" }

    private func others(_ type: String) -> [Descriptor] { attachments.others.filter { Self.type($0) == type } }

    private static func tree(of other: Descriptor) -> TextTree {
        TextTree(
            "\(other.digest)",
            [
                TextTree("media type: \(other.mediaType)"), TextTree("size: \(other.size)"),
                branch("annotations", other.annotations),
            ].compactMap(\.self)
        )
    }

    private static func tree(of signature: ImageAttachments.Signature) -> TextTree {
        let inspection = signature.inspection
        let branches: [TextTree?] = [
            inspection.problem.map { TextTree("problem: \($0)") },
            signature.envelopeType.map { TextTree("media type: \($0)") },
            inspection.algorithm.map { TextTree("signature algorithm: \($0)") },
            branch("signed attributes", signedAttributes(inspection)),
            branch("user defined attributes", inspection.userMetadata),
            branch("unsigned attributes", unsignedAttributes(inspection)),
            inspection.certificates.isEmpty
                ? nil : TextTree("certificates", inspection.certificates.map(tree(of:))),
            inspection.target.map { target in
                TextTree(
                    "signed artifact",
                    [
                        TextTree("media type: \(target.mediaType)"), TextTree("digest: \(target.digest)"),
                        TextTree("size: \(target.size)"),
                    ]
                )
            },
        ]
        return TextTree("\(signature.descriptor.digest)", branches.compactMap(\.self))
    }

    private static func signedAttributes(_ inspection: SignatureInspection) -> [TextTree] {
        [
            inspection.scheme.map { TextTree("signingScheme: \($0)") },
            inspection.signedAt.map { TextTree("signingTime: \(text($0))") },
            inspection.expiresAt.map { TextTree("expiry: \(text($0))") },
            inspection.plugin.map { TextTree("verificationPlugin: \($0)") },
            inspection.pluginMinVersion.map { TextTree("verificationPluginMinVersion: \($0)") },
        ].compactMap(\.self)
            + inspection.extendedAttributes.map { TextTree("\($0.name)\($0.isCritical ? " (critical)" : "")") }
    }

    private static func unsignedAttributes(_ inspection: SignatureInspection) -> [TextTree] {
        [
            inspection.signingAgent.map { TextTree("signingAgent: \($0)") },
            inspection.timestamp.map(tree(of:)),
        ].compactMap(\.self)
    }

    private static func tree(of timestamp: SignatureInspection.Timestamp) -> TextTree {
        let accuracy = timestamp.accuracy.flatMap { $0 > .zero ? ", give or take \($0.inSeconds)" : nil } ?? ""
        let heading = timestamp.time.map { "timestamp: \(text($0))\(accuracy), not verified here" } ?? "timestamp"
        return TextTree(
            heading,
            [
                timestamp.problem.map { TextTree("problem: \($0)") },
                branch("certificates", timestamp.certificates.map(tree(of:))),
            ].compactMap(\.self)
        )
    }

    private static func tree(of certificate: SignatureInspection.Certificate) -> TextTree {
        TextTree(
            "SHA256 fingerprint: \(certificate.fingerprint)",
            [
                TextTree("issued to: \(certificate.subject)"), TextTree("issued by: \(certificate.issuer)"),
                TextTree("valid: \(text(certificate.notBefore)) to \(text(certificate.notAfter))"),
            ]
        )
    }

    private static func branch(_ heading: String, _ members: [String: String]) -> TextTree? {
        branch(heading, members.sorted { $0.key < $1.key }.map { TextTree("\($0.key): \($0.value)") })
    }

    private static func branch(_ heading: String, _ branches: [TextTree]) -> TextTree? {
        branches.isEmpty ? nil : TextTree(heading, branches)
    }

    private static func text(_ date: Date) -> String { date.formatted(.iso8601) }

    // MARK: - JSON

    /// The document, ending in a line break.
    var json: String { TerminalText.document(value) }

    private var value: JSONValue {
        let subject = attachments.subject
        return [
            "image": .string("\(image)"), "repository": .string("\(image.repository)"),
            "digest": .string("\(subject.digest)"), "mediaType": .string(subject.mediaType.rawValue),
            "size": .integer(subject.size), "signatures": .array(attachments.signatures.map(Self.value)),
            "attachments": .array(attachments.others.map { .object(Self.members($0)) }),
            "unseenSignatures": .integer(Int64(attachments.unseen)),
        ]
    }

    private static func members(_ descriptor: Descriptor) -> [String: JSONValue] {
        [
            "digest": .string("\(descriptor.digest)"), "artifactType": value(descriptor.artifactType?.rawValue),
            "mediaType": .string(descriptor.mediaType.rawValue), "size": .integer(descriptor.size),
            "annotations": .object(descriptor.annotations.mapValues(JSONValue.string)),
        ]
    }

    private static func value(_ signature: ImageAttachments.Signature) -> JSONValue {
        let inspection = signature.inspection
        var members = members(signature.descriptor)
        let said: [String: JSONValue] = [
            "envelopeType": value(signature.envelopeType?.rawValue), "scheme": value(inspection.scheme),
            "algorithm": value(inspection.algorithm), "signedAt": value(inspection.signedAt.map(text)),
            "expiresAt": value(inspection.expiresAt.map(text)), "plugin": value(inspection.plugin),
            "pluginMinVersion": value(inspection.pluginMinVersion),
            "extendedAttributes": .array(
                inspection.extendedAttributes.map { ["name": .string($0.name), "critical": .bool($0.isCritical)] }
            ),
            "signingAgent": value(inspection.signingAgent), "timestamp": inspection.timestamp.map(value) ?? .null,
            "certificates": .array(inspection.certificates.map(value)),
            "target": inspection.target.map(value) ?? .null,
            "userMetadata": .object(inspection.userMetadata.mapValues(JSONValue.string)),
            "problem": value(inspection.problem),
        ]
        members.merge(said) { $1 }
        return .object(members)
    }

    private static func value(_ certificate: SignatureInspection.Certificate) -> JSONValue {
        [
            "subject": .string(certificate.subject), "issuer": .string(certificate.issuer),
            "notBefore": .string(text(certificate.notBefore)), "notAfter": .string(text(certificate.notAfter)),
            "fingerprint": .string(certificate.fingerprint),
        ]
    }

    private static func value(_ timestamp: SignatureInspection.Timestamp) -> JSONValue {
        [
            "time": value(timestamp.time.map(text)),
            "accuracySeconds": timestamp.accuracy.map { .number($0.seconds) } ?? .null,
            "certificates": .array(timestamp.certificates.map(value)), "problem": value(timestamp.problem),
        ]
    }

    private static func value(_ target: SignatureInspection.Target) -> JSONValue {
        [
            "mediaType": .string(target.mediaType), "digest": .string(target.digest), "size": .integer(target.size),
        ]
    }

    private static func value(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}

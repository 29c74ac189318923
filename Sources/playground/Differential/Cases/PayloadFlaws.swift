import OCIModel
import SigningTestKit

/// Flaws of the signed statement.
extension EnvelopeFlaw {
    static let ofPayloads: [EnvelopeFlaw] = [
        .target("digest-of-another-image", .refused(.integrity)) {
            $0.digest = "sha256:" + String(repeating: "0", count: 64)
        }.sampled,
        .target("digest-in-upper-case", .refused(.integrity)) { $0.digest = $0.digest.uppercased() },
        .target("digest-with-upper-case-hex", .refused(.integrity)) {
            $0.digest = "sha256:" + $0.digest.dropFirst(7).uppercased()
        },
        .target("digest-of-another-algorithm", .refused(.integrity)) {
            $0.digest = "sha512:" + String(repeating: "0", count: 128)
        },
        .target("digest-empty", .refused(.integrity)) { $0.digest = "" },
        .target("size-of-another-image", .refused(.integrity)) { $0.size = "1" },
        .target("size-negative", .refused(.integrity)) { $0.size = "-1" },
        .target("size-as-text", .refused(.integrity)) { $0.size = "\"\($0.size)\"" },
        .target("size-with-fraction", .refused(.integrity)) { $0.size += ".0" },
        .target("size-huge", .refused(.integrity)) { $0.size = "99999999999999999999" },
        .target("size-null", .refused(.integrity)) { $0.size = "null" },
        .target("media-type-of-another-image", .refused(.integrity)) {
            $0.mediaType = "application/vnd.oci.image.index.v1+json"
        },
        .target("media-type-in-upper-case", .refused(.integrity)) { $0.mediaType = $0.mediaType.uppercased() },
        .target("media-type-missing", .refused(.integrity)) { $0.names["mediaType"] = "mediatypes" },
        .target("unknown-members", .accepted()) { $0.more = ", \"artifactType\": \"a/b\", \"more\": [1]" },
        .target("annotations", .accepted()) { $0.more = ", \"annotations\": {\"a\": \"b\", \"c\": \"\"}" },
        .target("annotations-null", .accepted()) { $0.more = ", \"annotations\": null" },
        .target("annotation-of-a-number", .refused(.integrity)) { $0.more = ", \"annotations\": {\"a\": 1}" },
        .target("annotations-as-list", .refused(.integrity)) { $0.more = ", \"annotations\": []" },
        .target("target-member-twice", .stricter(.duplicateJSONMember)) { $0.more = ", \"size\": \($0.size)" },
        .target("size-twice", .stricter(.duplicateJSONMember)) { $0.before = "\"size\": 1, " },
        .target("target-member-in-upper-case", .stricter(.memberNameCase)) { $0.names["digest"] = "Digest" },
        .target("escaped-text", .accepted()) {
            $0.digest = "\\u0073ha256:" + $0.digest.dropFirst(7)
        },
        .target("sixty-five-kilobytes", .stricter(.sizeLimit)) {
            $0.more = ", \"annotations\": {\"a\": \"\(String(repeating: "a", count: 66_000))\"}"
        },
        .statement("no-target", .refused(.integrity)) { _ in "{}" },
        .statement("target-null", .refused(.integrity)) { _ in "{\"targetArtifact\": null}" },
        .statement("target-as-list", .refused(.integrity)) { "{\"targetArtifact\": [\(Target($0).text)]}" },
        .statement("payload-as-list", .refused(.integrity)) { "[{\"targetArtifact\": \(Target($0).text)}]" },
        .statement("payload-not-json", .refused(.integrity)) { _ in "not JSON" },
        .statement("payload-with-content-after-it", .refused(.integrity)) {
            "{\"targetArtifact\": \(Target($0).text)} x"
        },
        .statement("payload-empty", .refused(.integrity)) { _ in "" },
        .statement("payload-with-white-space", .accepted()) { " {\n\t\"targetArtifact\" : \(Target($0).text)\r\n} " },
        .statement("payload-with-more-members", .accepted()) {
            "{\"more\": {}, \"targetArtifact\": \(Target($0).text)}"
        },
        .statement("target-twice", .stricter(.duplicateJSONMember)) {
            let wrong = "{\"mediaType\": \"a/b\", \"digest\": \"sha256:00\", \"size\": 1}"
            return "{\"targetArtifact\": \(wrong), \"targetArtifact\": \(Target($0).text)}"
        }.sampled,
        .statement("target-twice-the-wrong-one-last", .refused(.integrity)) {
            "{\"targetArtifact\": \(Target($0).text), \"targetArtifact\": {\"size\": 1}}"
        },
        .statement("target-in-lower-case", .stricter(.memberNameCase)) {
            "{\"targetartifact\": \(Target($0).text)}"
        },
    ]

    /// The descriptor in the statement, member by member.
    private struct Target {
        var mediaType: String
        var digest: String
        var size: String
        var names: [String: String] = [:]
        var before = ""
        var more = ""

        init(_ subject: Descriptor) {
            mediaType = subject.mediaType.rawValue
            digest = subject.digest.description
            size = String(subject.size)
        }

        var text: String {
            func name(_ usual: String) -> String { names[usual] ?? usual }
            return
                "{\(before)\"\(name("mediaType"))\": \"\(mediaType)\", \"\(name("digest"))\": \"\(digest)\", "
                + "\"\(name("size"))\": \(size)\(more)}"
        }
    }

    private static func target(
        _ name: String,
        _ expected: Expected,
        _ change: @escaping @Sendable (inout Target) -> Void
    ) -> EnvelopeFlaw {
        statement(name, expected) { subject in
            var target = Target(subject)
            change(&target)
            return "{\"targetArtifact\": \(target.text)}"
        }
    }

    private static func statement(
        _ name: String,
        _ expected: Expected,
        _ payload: @escaping @Sendable (Descriptor) -> String
    ) -> EnvelopeFlaw {
        var flaw = EnvelopeFlaw(name, expected)
        flaw.payload = payload
        return flaw
    }
}

/// What a path names.
enum RequestTarget: Sendable, Hashable {
    /// A resource path; `name` and `subresource` are empty for a collection.
    case resource(group: String, version: String, namespace: String, plural: String, name: String, subresource: String)
    /// Anything else, by its segments.
    case other([String])

    /// Reads a path.
    ///
    /// Segments are percent-decoded; longer paths than any the API has are `other`.
    init(path: String) {
        let segments = path.split(separator: "/", maxSplits: 16).map { Self.decode($0) }
        let rest: ArraySlice<String>
        let group: String
        let version: String
        if segments.count >= 3, segments[0] == "api" {
            (group, version, rest) = ("", segments[1], segments[2...])
        } else if segments.count >= 4, segments[0] == "apis" {
            (group, version, rest) = (segments[1], segments[2], segments[3...])
        } else {
            self = .other(segments)
            return
        }
        let parts = Array(rest)
        // `/namespaces/NS/RES…` is inside a namespace; `/namespaces/NAME` and its subresources are namespaces.
        if parts[0] == "namespaces", parts.count >= 3, !["status", "finalize"].contains(parts[2]) || parts.count > 3 {
            guard parts.count <= 5 else {
                self = .other(segments)
                return
            }
            self = .resource(
                group: group,
                version: version,
                namespace: parts[1],
                plural: parts[2],
                name: parts.count > 3 ? parts[3] : "",
                subresource: parts.count > 4 ? parts[4] : ""
            )
            return
        }
        guard parts.count <= 3 else {
            self = .other(segments)
            return
        }
        self = .resource(
            group: group,
            version: version,
            namespace: "",
            plural: parts[0],
            name: parts.count > 1 ? parts[1] : "",
            subresource: parts.count > 2 ? parts[2] : ""
        )
    }

    /// Percent-decodes a segment; what is no valid escape stays as it is.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.utf8)
        var index = 0
        while index < source.count {
            let byte = source[index]
            if byte == UInt8(ascii: "%"), index + 2 < source.count, let high = hex(source[index + 1]),
                let low = hex(source[index + 2])
            {
                bytes.append(high << 4 | low)
                index += 3
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}

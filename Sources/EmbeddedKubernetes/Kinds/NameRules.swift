internal import JSONModel

/// Which names the API accepts.
enum NameRules {
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// RFC 1123 label: at most 63 of lower-case letters, digits and `-`, no `-` at either end.
    static func isLabel(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last, bytes.count <= 63 else { return false }
        return isLower(first) && isLower(last) && bytes.allSatisfy { isLower($0) || $0 == UInt8(ascii: "-") }
    }

    /// RFC 1123 subdomain: at most 253 of labels with dots between (each label may be longer than 63 here).
    static func isSubdomain(_ text: String) -> Bool {
        guard (1...253).contains(text.utf8.count) else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            let bytes = Array(label.utf8)
            guard let first = bytes.first, let last = bytes.last else { return false }
            return isLower(first) && isLower(last) && bytes.allSatisfy { isLower($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// A label or annotation key: an optional DNS subdomain and `/`, then at most 63 of `[A-Za-z0-9-_.]`.
    static func isQualifiedName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let name = parts.last, isLabelValue(name), !name.isEmpty else { return false }
        return parts.count == 1 || isSubdomain(String(parts[0]))
    }

    /// A label's value: empty, or at most 63 of `[A-Za-z0-9-_.]` with a letter or digit at both ends.
    static func isLabelValue(_ text: some StringProtocol) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, let last = bytes.last else { return true }
        return bytes.count <= 63 && isAlphanumeric(first) && isAlphanumeric(last)
            && bytes.allSatisfy {
                isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            }
    }

    static let subdomainRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    static let labelRule =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and "
        + "end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
        + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    static let qualifiedRule =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
        + "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
    static let labelValueRule =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
        + "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
        + "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

    /// What is wrong with an object's name, labels, annotations and finalizers.
    static func errors(in object: APIObject, kind: ResourceKind) -> [FieldError] {
        var errors: [FieldError] = []
        let name = object.name
        // RBAC names are path segments, not DNS names.
        let isPathName = kind.served.group == "rbac.authorization.k8s.io"
        if isPathName {
            if name.contains("/") || name.contains("%") || name == "." || name == ".." {
                errors.append(.invalid("metadata.name", .string(name), "may not contain '/' or '%'"))
            }
        } else if kind.served == .namespaces {
            if !isLabel(name) { errors.append(.invalid("metadata.name", .string(name), labelRule)) }
        } else if !isSubdomain(name) {
            errors.append(.invalid("metadata.name", .string(name), subdomainRule))
        }
        for (key, value) in (object.metadata["labels"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if !isQualifiedName(key) { errors.append(.invalid("metadata.labels", .string(key), qualifiedRule)) }
            if let value = value.string, !isLabelValue(value) {
                errors.append(.invalid("metadata.labels", .string(value), labelValueRule))
            }
        }
        var total = 0
        for (key, value) in (object.metadata["annotations"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
            if !isQualifiedName(key.lowercased()) {
                errors.append(.invalid("metadata.annotations", .string(key), qualifiedRule))
            }
            total += key.utf8.count + (value.string?.utf8.count ?? 0)
        }
        if total > 262_144 {
            errors.append(
                FieldError(
                    kind: .tooLong,
                    field: "metadata.annotations",
                    message: "Too long: may not be more than 262144 bytes"
                )
            )
        }
        return errors + MetadataRules.errors(in: object, kind: kind)
    }
}

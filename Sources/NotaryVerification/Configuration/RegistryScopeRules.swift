/// What a registry scope may be: `*` alone, or `registry/repository` without scheme, tag or digest.
enum RegistryScopeRules {
    /// What is wrong with the scopes of one statement, which stand at `field`.
    static func problems(_ scopes: [String], field: String) -> [NotaryPolicyError] {
        guard !scopes.isEmpty else {
            return [
                NotaryPolicyError(
                    .scopesMissing,
                    field: field,
                    "there is no registry scope; name repositories as \"registry/repository\", or write \"*\""
                )
            ]
        }
        return scopes.enumerated().compactMap { index, scope in
            let field = "\(field)[\(index)]"
            if scope == "*" {
                guard scopes.count > 1 else { return nil }
                return NotaryPolicyError(
                    .scopeWildcardNotAlone,
                    field: field,
                    "\"*\" means every repository and must stand alone; remove it or the others"
                )
            }
            guard !isRepository(scope) else { return nil }
            return NotaryPolicyError(
                .scopeInvalid,
                field: field,
                "\"\(scope.prefix(96))\" is no scope; write \"registry/repository\" without scheme, wildcard, tag or digest"
            )
        }
    }

    /// The scopes that stand more than once in all `lists` together, which are those of the statements.
    static func repetitions(_ lists: [[String]]) -> [NotaryPolicyError] {
        var seen: Set<String> = []
        var problems: [NotaryPolicyError] = []
        for (statement, scopes) in lists.enumerated() {
            for (index, scope) in scopes.enumerated() where !seen.insert(scope).inserted {
                problems.append(
                    NotaryPolicyError(
                        .scopeDuplicate,
                        field: "trustPolicies[\(statement)].registryScopes[\(index)]",
                        "the scope \"\(scope.prefix(96))\" is listed more than once; a repository can have one statement only"
                    )
                )
            }
        }
        return problems
    }

    private static func isRepository(_ scope: String) -> Bool {
        guard scope.utf8.count <= 512, let slash = scope.utf8.firstIndex(of: UInt8(ascii: "/")) else { return false }
        return isDomain(scope.utf8[..<slash]) && isPath(scope.utf8[scope.utf8.index(after: slash)...])
    }

    /// `label(.label)*[:port]`; a label is letters and digits with hyphens inside.
    private static func isDomain(_ domain: Substring.UTF8View) -> Bool {
        var host = domain
        if let colon = domain.firstIndex(of: UInt8(ascii: ":")) {
            host = domain[..<colon]
            let port = domain[domain.index(after: colon)...]
            guard !port.isEmpty, port.allSatisfy(isDigit) else { return false }
        }
        return host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return isAlphanumeric(first) && isAlphanumeric(last)
                && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
        }
    }

    /// `component(/component)*`; a component is lower-case letters and digits with single `.`, single or double `_`, or any
    /// number of `-` between them.
    private static func isPath(_ path: Substring.UTF8View) -> Bool {
        path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy(isComponent)
    }

    private static func isComponent(_ component: Substring.UTF8View) -> Bool {
        var separator: [UInt8] = []
        var hasText = false
        for byte in component {
            if isLower(byte) || isDigit(byte) {
                guard separator.isEmpty || (hasText && isSeparator(separator)) else { return false }
                separator = []
                hasText = true
            } else {
                separator.append(byte)
            }
        }
        return hasText && separator.isEmpty
    }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        switch bytes {
        case [UInt8(ascii: ".")], [UInt8(ascii: "_")], [UInt8(ascii: "_"), UInt8(ascii: "_")]: true
        default: bytes.allSatisfy { $0 == UInt8(ascii: "-") }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLower(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLower(byte) || (0x41...0x5A).contains(byte)
    }
}

/// The grammar of Semantic Versioning 2.0.0, as far as a header needs it: whether a text is a version.
enum SemanticVersion {
    static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= 256 else { return false }
        let parts = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, !identifiers(parts[1], allowsLeadingZero: true) { return false }
        let core = parts[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        if core.count == 2, !identifiers(core[1], allowsLeadingZero: false) { return false }
        let numbers = core[0].split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 3 && numbers.allSatisfy(isNumber)
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
            && (text.utf8.count == 1 || text.first != "0")
    }

    private static func identifiers(_ text: Substring, allowsLeadingZero: Bool) -> Bool {
        text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { identifier in
            guard !identifier.isEmpty else { return false }
            var isNumeric = true
            for byte in identifier.utf8 {
                switch byte {
                case 0x30...0x39: break
                case 0x41...0x5A, 0x61...0x7A, 0x2D: isNumeric = false
                default: return false
                }
            }
            return allowsLeadingZero || !isNumeric || isNumber(identifier)
        }
    }
}

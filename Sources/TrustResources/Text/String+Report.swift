extension String {
    /// At most `count` Unicode scalars, the last one `…` where something was cut off.
    ///
    /// Schemas count scalars too.
    func cut(to count: Int) -> String {
        // UTF-8 is never shorter than the number of scalars.
        guard utf8.count > count, unicodeScalars.count > count else { return self }
        guard count > 0 else { return "" }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: unicodeScalars.prefix(count - 1))
        text.append("…")
        return String(text)
    }

    /// The text as it may be shown in a table or terminal, cut to `count`: whoever made a certificate or a signature
    /// chose some of it, so control characters and those that turn the direction of writing are replaced.
    func reported(to count: Int) -> String {
        let text = cut(to: count)
        guard text.unicodeScalars.contains(where: \.isTreacherous) else { return text }
        var safe = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { safe.append(scalar.isTreacherous ? "\u{FFFD}" : scalar) }
        return String(safe)
    }
}

extension Unicode.Scalar {
    /// Whether the character changes how the characters around it are shown.
    fileprivate var isTreacherous: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0xAD, 0x61C, 0x180E, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF,
            0xE0000...0xE007F:
            true
        default: false
        }
    }
}

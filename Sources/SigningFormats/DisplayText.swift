/// Makes text that came from outside fit to be shown: in a status, an Event, a log or a terminal.
public enum DisplayText {
    /// The longest text that is shown, in Unicode scalars.
    public static let maximumScalars = 1024

    /// The text with every control, format, private and unassigned character replaced by `?`, and cut to the limit.
    ///
    /// Such characters can break a line, hide text or turn its direction, and so forge what a reader sees.
    public static func printable(_ text: String, limit: Int = maximumScalars) -> String {
        var output = String.UnicodeScalarView()
        for (index, scalar) in text.unicodeScalars.enumerated() {
            guard index < limit else {
                output.append("…")
                break
            }
            output.append(isPrintable(scalar) ? scalar : "?")
        }
        return String(output)
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return false
        default: return true
        }
    }
}

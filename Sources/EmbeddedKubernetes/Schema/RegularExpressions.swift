internal import Synchronization

/// Compiled patterns, kept because the same few run on every object.
final class RegularExpressions: Sendable {
    static let shared = RegularExpressions()

    private let compiled = Mutex<[String: Regex<AnyRegexOutput>]>([:])
    /// More distinct patterns than this are compiled anew each time.
    private let capacity = 1024

    /// Whether the pattern can be compiled.
    func isValid(_ pattern: String) -> Bool { (try? Regex(pattern)) != nil }

    /// Whether the pattern matches anywhere in the text; a pattern that cannot be compiled matches nothing.
    func matches(_ pattern: String, _ text: String) -> Bool {
        compiled.withLock { compiled in
            if let regex = compiled[pattern] { return (try? regex.firstMatch(in: text)) ?? nil != nil }
            guard let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return false }
            if compiled.count < capacity { compiled[pattern] = regex }
            return (try? regex.firstMatch(in: text)) ?? nil != nil
        }
    }
}

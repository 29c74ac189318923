import ArgumentParser
import TrustResources

extension DurationText {
    /// The duration that was written after `flag`.
    ///
    /// - Throws: `ValidationError` that names the flag, when `text` is no duration from `least` to a day.
    static func value(of flag: String, _ text: String, atLeast least: Duration) throws -> Duration {
        do throws(Defect) {
            return try parse(text, in: least ... .seconds(24 * 3600))
        } catch {
            throw ValidationError("\(flag): \(error.message)")
        }
    }
}

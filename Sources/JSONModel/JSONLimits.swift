/// What a JSON document may cost at most.
///
/// Checked before anything is allocated for it.
public struct JSONLimits: Sendable, Hashable {
    /// The longest document, in bytes.
    public var maximumBytes: Int
    /// The deepest nesting of arrays and objects; 1 allows only a flat array or object.
    public var maximumDepth: Int
    /// The most values (scalars, arrays and objects together) in one document.
    public var maximumValues: Int

    /// Creates limits.
    ///
    /// The defaults fit documents that registries and clusters serve: 4 MiB, depth 64, a million values.
    public init(maximumBytes: Int = 4 << 20, maximumDepth: Int = 64, maximumValues: Int = 1_000_000) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
        self.maximumValues = maximumValues
    }

    /// 4 MiB, depth 64, a million values.
    public static let standard = JSONLimits()
}

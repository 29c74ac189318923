/// How many bytes of an answer's body are accepted.
///
/// The limit is enforced before memory is taken: by the announced `Content-Length` first, then part by part. It holds
/// for answers that bring what was asked for (status below 300); the body of any other answer is an explanation, of
/// which at most ``maximumExplanationBytes`` are read and the rest is left.
public struct BodyLimit: Sendable, Hashable {
    /// How much is read of the body of an answer with a status of 300 or more: 64 KiB.
    public static let maximumExplanationBytes = 64 << 10

    /// The largest accepted body, in bytes.
    public let maximumBytes: Int

    private init(maximumBytes: Int) { self.maximumBytes = max(0, maximumBytes) }

    /// A limit in bytes; a negative number means 0.
    public static func bytes(_ count: Int) -> BodyLimit { BodyLimit(maximumBytes: count) }

    /// A limit in KiB (1024 bytes).
    public static func kibibytes(_ count: Int) -> BodyLimit {
        BodyLimit(maximumBytes: count.multipliedReportingOverflow(by: 1024).partialValue)
    }

    /// A limit in MiB (1,048,576 bytes).
    public static func mebibytes(_ count: Int) -> BodyLimit {
        BodyLimit(maximumBytes: count.multipliedReportingOverflow(by: 1 << 20).partialValue)
    }
}

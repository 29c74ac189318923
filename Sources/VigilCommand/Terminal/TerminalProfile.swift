#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What is known of where text goes.
public struct TerminalProfile: Sendable, Hashable {
    /// Whether a person watches: a terminal, not a pipe or a file.
    public var isInteractive: Bool
    /// Whether colours are wanted there.
    public var allowsColour: Bool
    /// The terminal's width in columns; `nil` where there is none, so that nothing is ever cut.
    public var columns: Int?

    /// A pipe or a file: no colours, no width.
    public static let pipe = TerminalProfile(isInteractive: false, allowsColour: false, columns: nil)

    /// Creates a profile.
    public init(isInteractive: Bool, allowsColour: Bool, columns: Int?) {
        self.isInteractive = isInteractive
        self.allowsColour = allowsColour
        self.columns = columns
    }

    /// Asks the system about `descriptor`.
    ///
    /// `NO_COLOR`, if not empty, and `TERM=dumb` are honoured.
    init(descriptor: Int32, variables: [String: String]) {
        guard isatty(descriptor) == 1 else {
            self = .pipe
            return
        }
        let isDumb = variables["TERM"] == "dumb"
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        self.init(
            isInteractive: !isDumb,
            allowsColour: !isDumb && (variables["NO_COLOR"] ?? "").isEmpty,
            columns: isKnown ? Int(size.ws_col) : 80
        )
    }
}

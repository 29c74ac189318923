/// How much is read from files, so that a hostile checkout cannot exhaust memory or time.
enum InputLimits {
    /// The largest manifest or policy file, in bytes.
    static let fileBytes = 8 << 20
    /// The most of all files below one folder, in bytes.
    static let folderBytes = 64 << 20
    /// The most files below one folder.
    static let files = 10_000
    /// The deepest nesting of folders.
    static let folderDepth = 32
    /// The most values in one file, after aliases are followed.
    static let values = 500_000
    /// The deepest nesting of values.
    static let valueDepth = 100
    /// The most documents in one file.
    static let documents = 10_000
    /// The largest certificate file or Docker configuration, in bytes.
    static let certificateBytes = 1 << 20
    /// The largest password on standard input, in bytes.
    static let passwordBytes = 64 << 10
}

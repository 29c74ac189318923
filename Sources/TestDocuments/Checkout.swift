public import FoundationEssentials

/// The files of the checkout that the tests were compiled from.
public enum Checkout {
    /// Its folder.
    public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where a path of the checkout leads.
    ///
    /// - Parameter path: the path from the root, such as `docs/install.md`.
    /// - Returns: the file or folder, whether it exists or not.
    public static func url(_ path: String) -> URL { root.appending(path: path) }

    /// The text of a file.
    ///
    /// - Parameter path: its path from the root.
    /// - Returns: the text.
    /// - Throws: what Foundation says of a file that cannot be read.
    public static func text(_ path: String) throws -> String { try String(contentsOf: url(path), encoding: .utf8) }

    /// The names of the entries of a folder, in order.
    ///
    /// - Parameters:
    ///   - folder: its path from the root.
    ///   - suffix: how the names end.
    /// - Returns: the names, without the folder's.
    /// - Throws: what Foundation says of a folder that cannot be read.
    public static func names(in folder: String, suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url(folder).path).filter { $0.hasSuffix(suffix) }.sorted()
    }

    /// Whether there is a file or folder of this path from the root.
    public static func has(_ path: String) -> Bool { FileManager.default.fileExists(atPath: url(path).path) }
}

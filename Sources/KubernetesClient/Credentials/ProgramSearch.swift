#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds programs as a shell does, except that the current folder is never searched by accident.
public enum ProgramSearch {
    /// The path of a program; `nil` when there is none that can be run.
    ///
    /// - Parameters:
    ///   - command: a path if it holds a `/`, else a name.
    ///   - searchPath: the folders, separated by `:`. Those that are not absolute are passed over: an empty entry
    ///     would mean the current folder, and a program planted there would be run with the person's rights.
    /// - Returns: `command` itself if it is a path.
    public static func find(_ command: String, searchPath: String?) -> String? {
        if command.contains("/") { return isProgram(command) ? command : nil }
        guard !command.isEmpty, let searchPath else { return nil }
        for folder in searchPath.split(separator: ":") where folder.hasPrefix("/") {
            let path = LocalFile.resolve(command, against: String(folder))
            if isProgram(path) { return path }
        }
        return nil
    }

    private static func isProgram(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}

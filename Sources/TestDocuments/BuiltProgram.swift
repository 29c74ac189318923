/// The programs of this package as they were built for the tests.
public enum BuiltProgram {
    /// Where a program lies: beside the bundle of tests that runs, else in the folder of debug builds.
    ///
    /// - Parameter name: the name of the executable product, such as `vigil`.
    /// - Returns: its path, whether it was built or not.
    public static func path(_ name: String) -> String {
        let bundle = CommandLine.arguments.lazy.compactMap { argument in
            argument.firstRange(of: ".xctest").map { argument[..<$0.lowerBound] }
        }
        .first
        guard let bundle, let slash = bundle.lastIndex(of: "/") else { return ".build/debug/\(name)" }
        return "\(bundle[..<slash])/\(name)"
    }
}

public import ArgumentParser

/// `vigil version`.
public struct VersionCommand: ParsableCommand {
    /// The version of this program, as in its releases (semver.org).
    public static let version = "0.1.0"

    /// Name and help.
    public static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Print the version of this program."
    )

    /// Creates the command; its arguments are parsed into it.
    public init() {}

    /// Prints the version.
    public func run() { DescriptorSink.standardOutput.write("vigil \(Self.version)\n") }
}

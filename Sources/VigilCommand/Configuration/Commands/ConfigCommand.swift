public import ArgumentParser

/// `vigil config`: what can be done with the operator's configuration without a cluster.
public struct ConfigCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Work on the operator's configuration.",
        subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self]
    )

    /// Creates the command; its arguments are parsed into it.
    public init() {}
}

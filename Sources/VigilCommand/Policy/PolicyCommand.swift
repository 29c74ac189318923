public import ArgumentParser

/// `vigil policy`: what can be done with policies without an image.
public struct PolicyCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Work on trust policies.",
        subcommands: [PolicyCheckCommand.self]
    )

    /// Creates the command; its arguments are parsed into it.
    public init() {}
}

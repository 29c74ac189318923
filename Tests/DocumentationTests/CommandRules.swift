import ArgumentParser
import TestDocuments

@testable import VigilCommand

/// What a command in the documentation must be, as far as that can be said without running it.
struct CommandRules {
    /// The names by which our program is called.
    static let ownNames: Set<String> = ["vigil", ".build/release/vigil"]

    /// Programs of others whose arguments nothing here can check, and why.
    static let foreign: [String: String] = [
        "aws": "needs an account of AWS",
        "az": "needs an account of Azure",
        "cd": "is part of the shell",
        "curl": "needs a server that is not there",
        "date": "is part of the system",
        "eksctl": "needs an account of AWS",
        "gcloud": "needs an account of Google",
        "jq": "its filters are about answers of a running operator",
        "kustomize": "edits the checkout; kubectl has no such command",
        "less": "is part of the system",
        "sed": "edits the checkout",
        "sh": "runs a script that is made a line before; EndToEndTests runs one with the real tool",
        ".build/debug/fuzz": "its flags are libFuzzer's; FuzzTargetsTests runs it",
        ".build/fuzz/debug/fuzz": "is built by make fuzz",
        ".build/release/playground": "its commands have tests of their own",
    ]

    /// Programs of others whose flags they check themselves when they are asked for help.
    static let checkedByHelp: Set<String> = ["kubectl", "helm", "oras", "notation"]

    /// The folders of the checkout that commands may name files of; what they name must exist.
    private static let folders = ["config/", "charts/", "hack/", "docs/", "Sources/", "Tests/"]

    /// The targets of the Makefile.
    let targets: Set<String>
    /// The Makefile, in which every variable that is set must occur.
    let makefile: String
    /// Whether there is a file or folder of the checkout.
    let exists: @Sendable (String) -> Bool

    init(makefile: String, exists: @escaping @Sendable (String) -> Bool) {
        self.makefile = makefile
        self.exists = exists
        targets = Set(makefile.matches(of: /(?m)^([a-z][a-z-]*):/).map { String($0.1) })
    }

    /// The rules for this checkout.
    static func checkout() throws -> CommandRules {
        CommandRules(makefile: try Checkout.text("Makefile"), exists: Checkout.has)
    }

    /// What is wrong with a command.
    func violations(in command: ShellScript.Command) -> [String] {
        let words = command.words
        guard let program = words.first else { return [] }
        let arguments = Array(words.dropFirst())
        var found = pathViolations(in: arguments)
        switch program {
        case _ where Self.ownNames.contains(program): found += Self.ownViolations(in: arguments)
        case "make": found += makeViolations(in: arguments)
        case "kubectl": found += kubectlViolations(in: arguments)
        case _ where Self.checkedByHelp.contains(program) || Self.foreign[program] != nil: break
        case _ where Self.folders.contains(where: program.hasPrefix):
            if !exists(program) { found.append("there is no \(program)") }
        default: found.append("\(program) is no program that the documentation may call; see CommandRules")
        }
        return found
    }

    /// Our own arguments, by the parser of the program.
    static func ownViolations(in arguments: [String]) -> [String] {
        do {
            let command = try VigilCommand.parseAsRoot(arguments)
            // What a setting may be is looked at when the operator starts.
            guard let command = command as? OperatorCommand, !arguments.contains("--config") else { return [] }
            _ = try command.options.reader(environment: [:]).layered()
            return []
        } catch let problems as ConfigurationProblems {
            return problems.all.map(\.description)
        } catch {
            guard VigilCommand.exitCode(for: error) != .success else { return [] }
            return ["vigil \(arguments.joined(separator: " ")): \(VigilCommand.message(for: error))"]
        }
    }

    private func makeViolations(in arguments: [String]) -> [String] {
        arguments.compactMap { argument in
            if let name = argument.wholeMatch(of: /([A-Z_]+)=(?s:.*)/)?.1 {
                return makefile.contains(name) ? nil : "the Makefile knows no variable \(name)"
            }
            return targets.contains(argument) ? nil : "the Makefile has no target \(argument)"
        }
    }

    private func kubectlViolations(in arguments: [String]) -> [String] {
        if arguments.first == "vigil" { return Self.ownViolations(in: Array(arguments.dropFirst())) }
        var found: [String] = []
        for (index, word) in arguments.enumerated() where word == "-k" {
            guard index + 1 < arguments.count else { return ["-k names no folder"] }
            let folder = arguments[index + 1]
            if !exists("\(folder)/kustomization.yaml") { found.append("\(folder) has no kustomization.yaml") }
        }
        if let separator = arguments.firstIndex(of: "--"), separator + 1 < arguments.count {
            let inner = Array(arguments[(separator + 1)...])
            found += violations(in: ShellScript.Command(line: 0, words: inner))
        }
        return found
    }

    private func pathViolations(in arguments: [String]) -> [String] {
        arguments.flatMap { $0.split(whereSeparator: { "=,".contains($0) }).map(String.init) }.compactMap { word in
            guard Self.folders.contains(where: word.hasPrefix), !word.contains("…") else { return nil }
            return exists(word) ? nil : "there is no \(word)"
        }
    }
}

import ArgumentParser
import Foundation

/// `playground pages`: writes the tables of fields into the pages of `docs`.
struct PagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pages",
        abstract: "Writes the fields of each kind into its page in docs."
    )

    @Option(help: "The root of the checkout.")
    var root = "."

    @Flag(help: "Write nothing; fail when a page is not what the sources say.")
    var check = false

    func run() throws {
        var stale: [String] = []
        for page in FieldPage.all {
            let file = URL(fileURLWithPath: root, isDirectory: true).appendingPathComponent(page.path)
            let text = try String(contentsOf: file, encoding: .utf8)
            let current = try page.replacingFields(in: text)
            guard current != text else { continue }
            stale.append(page.path)
            if !check {
                try Data(current.utf8).write(to: file, options: .atomic)
                print(page.path)
            }
        }
        guard check, !stale.isEmpty else { return }
        throw ValidationError(
            "\(stale.joined(separator: ", ")): the fields are not what the sources say; make generate"
        )
    }
}

import ArgumentParser

/// `vigil config show`: says what would be in force, and where each setting comes from.
struct ConfigShowCommand: AsyncParsableCommand, EnvironmentCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show every setting, its value, where that comes from, and what a change of it takes.",
        discussion: """
            Takes the flags and variables of vigil operator, and the file of --config. Files that a configuration names \
            are not looked for.

            EXAMPLES
              vigil config show --config config.yaml
              kubectl exec -n vigil-system deployment/vigil -- vigil config show

            EXIT STATUS
              0    shown
              2    a setting cannot be used
            """
    )

    @OptionGroup var options: OperatorOptions

    func status(in environment: CommandEnvironment) async throws(InputError) -> ExitStatus {
        let result: ConfigurationLayers.Result
        do throws(ConfigurationProblems) {
            result = try options.reader(environment: environment.variables).layered()
        } catch {
            for problem in error.all { environment.complain(problem.description) }
            return .unusable
        }
        var table = TextTable(
            columns: ["SETTING", "VALUE", "FROM", "CHANGES"].map { TextTable.Column(heading: $0, leastWidth: nil) }
        )
        for setting in Setting.all {
            let value = setting.value(result.configuration).text
            table.rows.append(
                TextTable.Row(cells: [
                    TextTable.Cell(setting.key), TextTable.Cell(value.isEmpty ? "–" : value),
                    TextTable.Cell(result.origin(of: setting)),
                    TextTable.Cell(setting.effect == .live ? "live" : "restart"),
                ])
            )
        }
        let lines = table.lines(for: environment.outputProfile)
        environment.output.write(lines.joined(separator: "\n") + "\n")
        return .success
    }
}

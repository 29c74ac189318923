import ArgumentParser

/// The program around Vigil: the demo, the stand-in for a cluster, the generator and the benchmarks.
///
/// Never part of what is shipped.
@main
struct Playground: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "playground",
        abstract: "Shows Vigil at work without a cluster, and generates its custom resource definitions.",
        subcommands: [
            DemoCommand.self, KubernetesCommand.self, GenerateCommand.self, PagesCommand.self, BenchCommand.self,
            DifferentialCommand.self, MeasureInformerCommand.self, MeasureReadCommand.self, MeasureWritesCommand.self,
        ]
    )
}

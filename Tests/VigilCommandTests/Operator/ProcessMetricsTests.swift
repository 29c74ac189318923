import MetricsExposition
import Testing

@testable import VigilCommand

/// What the system tells of the process is read right.
@Suite("Process metrics")
struct ProcessMetricsTests {
    private static let stat =
        "42 (a) b (c)) S 1 42 42 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 3 0 9000 1048576 256 18446744073709551615 1 1"

    @Test("the fields after the program's name, which may hold anything")
    func stat() {
        let reading = ProcessMetrics.reading(Self.stat, ticksPerSecond: 100)
        #expect(
            reading == ProcessMetrics.Reading(cpu: 2, start: 90, virtualMemory: 1_048_576, residentPages: 256)
        )
    }

    @Test("what cannot be read is not exported", arguments: ["", "42", "42 (a) S 1 2", "(((", ")"])
    func unreadable(_ text: String) {
        #expect(ProcessMetrics.reading(text, ticksPerSecond: 100) == nil)
    }

    @Test("the machine's start")
    func bootTime() {
        #expect(ProcessMetrics.bootTime("cpu 1 2\nbtime 1700000000\nprocesses 1\n") == 1_700_000_000)
        #expect(ProcessMetrics.bootTime("cpu 1 2\n") == nil)
    }

    #if os(Linux)
        @Test("this process has a start, memory and open files")
        func here() async {
            let readings = await ProcessMetrics().readings()
            #expect(readings.map(\.family.name).sorted() == ProcessMetrics().families.map(\.name).sorted())
            #expect(readings.allSatisfy { $0.value > 0 && $0.value.isFinite })
        }
    #endif
}

import FoundationEssentials
import MetricsExposition

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// What the process takes of its machine, under the names that Prometheus' client libraries agree on.
///
/// Linux tells it in `/proc`; elsewhere nothing is exported.
struct ProcessMetrics: MetricSource {
    /// What `/proc` says, at one moment.
    struct Reading: Sendable, Equatable {
        /// Seconds of CPU time, in user and system mode.
        var cpu: Double
        /// Seconds from the machine's start to the process's.
        var start: Double
        /// Bytes.
        var virtualMemory: Double
        /// Pages.
        var residentPages: Double
    }

    private static let cpu = MetricFamily(
        "process_cpu_seconds_total",
        .counter,
        unit: .seconds,
        help: "CPU time that the process has used."
    )
    private static let startTime = MetricFamily(
        "process_start_time_seconds",
        .gauge,
        unit: .seconds,
        help: "When the process began, in seconds since 1970."
    )
    private static let virtualMemory = MetricFamily(
        "process_virtual_memory_bytes",
        .gauge,
        unit: .bytes,
        help: "Address space of the process."
    )
    private static let residentMemory = MetricFamily(
        "process_resident_memory_bytes",
        .gauge,
        unit: .bytes,
        help: "Memory that the process has in use."
    )
    private static let openFiles = MetricFamily(
        "process_open_fds",
        .gauge,
        help: "Open file descriptors."
    )
    private static let maximumFiles = MetricFamily(
        "process_max_fds",
        .gauge,
        help: "File descriptors that the process may have open."
    )

    var families: [MetricFamily] {
        [Self.cpu, Self.startTime, Self.virtualMemory, Self.residentMemory, Self.openFiles, Self.maximumFiles]
    }

    func readings() async -> [MetricReading] {
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        guard let text = Self.text("/proc/self/stat"), let reading = Self.reading(text, ticksPerSecond: ticks) else {
            return []
        }
        let page = Double(max(1, sysconf(Int32(_SC_PAGESIZE))))
        var readings = [
            Self.cpu.reading(reading.cpu), Self.virtualMemory.reading(reading.virtualMemory),
            Self.residentMemory.reading(reading.residentPages * page),
        ]
        if let boot = Self.text("/proc/stat").flatMap(Self.bootTime) {
            readings.append(Self.startTime.reading(boot + reading.start))
        }
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            readings.append(Self.openFiles.reading(Double(files.count)))
        }
        let limit = sysconf(Int32(_SC_OPEN_MAX))
        if limit > 0 { readings.append(Self.maximumFiles.reading(Double(limit))) }
        return readings
    }

    private static func text(_ path: String) -> String? {
        (try? BoundedFile.read(path, limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Reads `/proc/self/stat` (proc_pid_stat(5)).
    ///
    /// The second field is the program's name in parentheses, which may hold anything, parentheses too.
    static func reading(_ text: String, ticksPerSecond: Double) -> Reading? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        // The first of these is the third field.
        let fields = text[text.index(after: end)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 21, let user = Double(fields[11]), let system = Double(fields[12]),
            let start = Double(fields[19]), let virtual = Double(fields[20]), let resident = Double(fields[21])
        else { return nil }
        return Reading(
            cpu: (user + system) / ticksPerSecond,
            start: start / ticksPerSecond,
            virtualMemory: virtual,
            residentPages: resident
        )
    }

    /// When the machine started, in seconds since 1970, from `/proc/stat`.
    static func bootTime(_ text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }
}

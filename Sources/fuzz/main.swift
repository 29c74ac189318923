import FoundationEssentials
import FuzzGuidance
import FuzzTargets
import Glibc

#if FUZZING
    /// What libFuzzer calls with each input.
    @_cdecl("LLVMFuzzerTestOneInput")
    func decodeOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        ByteComparisons.forget()
        do {
            try FuzzProgram.chosen?.decode(UnsafeRawBufferPointer(start: start, count: count))
        } catch {
            // libFuzzer takes a trap as a finding, and keeps the input.
            fatalError("a promise is broken: \(error)")
        }
        return 0
    }

    /// libFuzzer's own main function.
    @_silgen_name("LLVMFuzzerRunDriver")
    func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
        _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt

    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    if FuzzProgram.chosen == nil { exit(FuzzProgram.run(Array(CommandLine.arguments.dropFirst()))) }
    exit(runDriver(&count, &arguments, decodeOne))
#else
    exit(FuzzProgram.run(Array(CommandLine.arguments.dropFirst())))
#endif

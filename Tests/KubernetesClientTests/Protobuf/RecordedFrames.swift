import FoundationEssentials

/// What a kube-apiserver 1.36 answered to watches on pods with `Accept: application/vnd.kubernetes.protobuf`.
enum RecordedFrames {
    /// A pod that `kubectl run` made, and the bookmark behind the first state.
    static let pods = bytes([
        "AAAE1goFQURERUQSzAkKyQlrOHMACgkKAnYxEgNQb2QSswkKqAQKBnBidGVzdBIAGgdkZWZhdWx0IgAqJDg1MDcxMDdlLWQwYmQt",
        "NGNkNS1hOTI4LTZiNDJkM2Y1NGFmNjIFODg1ODA4AUIICJH5kNgGEABaDQoDcnVuEgZwYnRlc3SKAccDCgtrdWJlY3RsLXJ1bhIG",
        "VXBkYXRlGgJ2MSIICJH5kNgGEAAyCEZpZWxkc1YxOpUDCpIDeyJmOm1ldGFkYXRhIjp7ImY6bGFiZWxzIjp7Ii4iOnt9LCJmOnJ1",
        "biI6e319fSwiZjpzcGVjIjp7ImY6Y29udGFpbmVycyI6eyJrOntcIm5hbWVcIjpcInBidGVzdFwifSI6eyIuIjp7fSwiZjppbWFn",
        "ZSI6e30sImY6aW1hZ2VQdWxsUG9saWN5Ijp7fSwiZjpuYW1lIjp7fSwiZjpyZXNvdXJjZXMiOnt9LCJmOnRlcm1pbmF0aW9uTWVz",
        "c2FnZVBhdGgiOnt9LCJmOnRlcm1pbmF0aW9uTWVzc2FnZVBvbGljeSI6e319fSwiZjpkbnNQb2xpY3kiOnt9LCJmOmVuYWJsZVNl",
        "cnZpY2VMaW5rcyI6e30sImY6bm9kZVNlbGVjdG9yIjp7fSwiZjpyZXN0YXJ0UG9saWN5Ijp7fSwiZjpzY2hlZHVsZXJOYW1lIjp7",
        "fSwiZjpzZWN1cml0eUNvbnRleHQiOnt9LCJmOnRlcm1pbmF0aW9uR3JhY2VQZXJpb2RTZWNvbmRzIjp7fX19QgAS3wQKyAEKFWt1",
        "YmUtYXBpLWFjY2Vzcy1nbGdrNRKuAdIBqgEKDiIMCgAQlxwaBXRva2VuCigaJgoSChBrdWJlLXJvb3QtY2EuY3J0EhAKBmNhLmNy",
        "dBIGY2EuY3J0CikSJwolCgluYW1lc3BhY2USGAoCdjESEm1ldGFkYXRhLm5hbWVzcGFjZQpAGj4KGgoYb3BlbnNoaWZ0LXNlcnZp",
        "Y2UtY2EuY3J0EiAKDnNlcnZpY2UtY2EuY3J0Eg5zZXJ2aWNlLWNhLmNydBCkAxKkAQoGcGJ0ZXN0EhRyZWdpc3RyeS5leGFtcGxl",
        "L2E6YioAQgBKTAoVa3ViZS1hcGktYWNjZXNzLWdsZ2s1EAEaLS92YXIvcnVuL3NlY3JldHMva3ViZXJuZXRlcy5pby9zZXJ2aWNl",
        "YWNjb3VudCIAMgBqFC9kZXYvdGVybWluYXRpb24tbG9ncgxJZk5vdFByZXNlbnSAAQCIAQCQAQCiAQRGaWxlGgZBbHdheXMgHjIM",
        "Q2x1c3RlckZpcnN0OgkKBG5vbmUSAXhCB2RlZmF1bHRKB2RlZmF1bHRSAFgAYABoAHIAggEAigEAmgERZGVmYXVsdC1zY2hlZHVs",
        "ZXKyATYKHG5vZGUua3ViZXJuZXRlcy5pby9ub3QtcmVhZHkSBkV4aXN0cxoAIglOb0V4ZWN1dGUorAKyATgKHm5vZGUua3ViZXJu",
        "ZXRlcy5pby91bnJlYWNoYWJsZRIGRXhpc3RzGgAiCU5vRXhlY3V0ZSisAsIBAMgBAPABAfoBFFByZWVtcHRMb3dlclByaW9yaXR5",
        "GiQKB1BlbmRpbmcaACIAKgAyAEoKQmVzdEVmZm9ydFoAcgCIAQAaACIAAAAAkgoIQk9PS01BUksShQEKggFrOHMACgkKAnYxEgNQ",
        "b2QSbQo4CgASABoAIgAqADIFODg1ODA4AEIAYiEKGWs4cy5pby9pbml0aWFsLWV2ZW50cy1lbmQSBHRydWUSHBoAMgBCAEoAUgBY",
        "AGAAaACCAQCKAQCaAQDCAQAaEwoAGgAiACoAMgBKAFoAcgCIAQAaACIA",
    ])

    /// The refusal of a version that is too old.
    static let expired = bytes([
        "AAAAZQoFRVJST1ISXApaazhzAAoMCgJ2MRIGU3RhdHVzEkIKBgoAEgAaABIHRmFpbHVyZRojdG9vIG9sZCByZXNvdXJjZSB2ZXJz",
        "aW9uOiAxICgzMTgzMykiB0V4cGlyZWQwmgMaACIA",
    ])

    private static func bytes(_ lines: [String]) -> [UInt8] { Array(Data(base64Encoded: lines.joined()) ?? Data()) }
}

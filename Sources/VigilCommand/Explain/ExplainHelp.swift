/// The long part of `vigil explain --help`.
enum ExplainHelp {
    static let text = """
        The image is judged exactly as vigil verify judges it, and everything on the way is told: which policies speak \
        for it and which do not, what was asked of the registry and of revocation services, and for every signature and \
        every authority which step of the verification passed, failed, was left out or was not reached, and why. The \
        last line decides.

        Names in certificates that no trust store vouches for are what a stranger wrote; what others wrote is escaped.

        For pod/NAME the images are those that the containers of the pod run, and the policies are those of its cluster \
        that hold in its namespace, with their certificates, unless --policy or --notation-config names others.

        With --bundle every byte that the judgement used is written to a file. vigil verify --bundle repeats it from there, \
        and --from-bundle explains it: offline, as of the recorded time. The policies in a bundle are those of whoever made \
        it; to judge by your own, name them.

        EXAMPLES
          vigil explain registry.example.com/shop/web:v1 --policy policy.yaml
          vigil explain -o json registry.example.com/shop/web:v1 | jq '.policies[].authorities[].manifests[].signatures'
          vigil explain pod/web-0 -n shop
          vigil explain registry.example.com/shop/web:v1 --policy policy.yaml --bundle out.tar
          vigil explain --from-bundle out.tar

        EXIT STATUS
          As vigil verify: 0 trusted or skipped in writing, 1 not trusted, 2 an input cannot be used, 3 a service or the
          cluster could not be asked, 130 interrupted.
        """
}

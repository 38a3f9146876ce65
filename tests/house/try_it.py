from tests.house import *
import time
t=time.monotonic()
with open_house(print,"--only","webhook-gateway") as h:
    print("up after", time.monotonic()-t); t=time.monotonic()
    inv = next(i for i in h.sandbox.all_quickbooks(US_REALM,"invoice") if i.get("Balance") and i.get("BillEmail"))
    h.sandbox.bookkeeper(US_REALM).act(inv["Id"],"send")
    s=h.bus.wait_for("quickbooks-changes", lambda s: s.data["record_id"]==inv["Id"])
    print(s, time.monotonic()-t)
    print(h.service("webhook-gateway").ask("POST","/receipts/replay",{"since":"2020-01-01T00:00:00Z","until":"2030-01-01T00:00:00Z"}))
    print(h.installation.command("receipts","replay","--since","2020-01-01","--until","2030-01-01","--account","24000001").stdout)
    print(h.installation.command("rebuild","--since","2020-01-01","--account","24000001").stdout)
    print(h.installation.command("topics","check").stdout)
    print(h.installation.command("connect","--check").stdout)
    print(h.installation.command("migrate").stdout)

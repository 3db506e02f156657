window.YTD.ip_audit.part0 = [ { "ipAudit" : { "accountId" : "77", "loginIp" : "192.0.2.1" } } ]

fondsShard("weights-000-a6d44b3f","DWbK/QErKLUv/SArvQAAssIECNClA4DsBGCdm4FfZuvUffmKAQAA");

fondsShard("postings-000-be0c95ec","fQXLLgErKLUv/SArvQAAssIEhTIRI1tICBodCd8rvHSyHNP0SwAA");

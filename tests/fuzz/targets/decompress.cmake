daicho_fuzz(decompress SOURCES ${CMAKE_CURRENT_LIST_DIR}/../decompress_fuzz.cc DEPS daicho_sources)

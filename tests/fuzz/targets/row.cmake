daicho_fuzz(row SOURCES ${CMAKE_CURRENT_LIST_DIR}/../row_fuzz.cc DEPS daicho_common)

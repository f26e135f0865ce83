if(TARGET daicho_exposition)
  daicho_fuzz(exposition
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/../exposition_fuzz.cc
            ${CMAKE_CURRENT_LIST_DIR}/../../collector/metrics/exposition_reader.cc
    DEPS daicho_exposition)
endif()
